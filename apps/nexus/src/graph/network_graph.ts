/**
 * The network drawn: peers on their ring, links as chords, our own links and talks marked; the way
 * of a request and the wave of a message to everyone light up as they pass.
 *
 * It follows the map by itself, once a frame at most, changing only what has changed; while a wave
 * passes only those that it reaches are drawn again, so that thousands of peers stay smooth. A wave
 * shows how many links each peer is away from its origin, which is about when the message gets there.
 */
import Graph from "graphology";
import type { NetworkMap } from "membrane";
import { EdgeLineProgram, EdgeRectangleProgram, NodePointProgram } from "sigma/rendering";
import { drawPointedAt, Names, type Picture } from "./names.js";
import { QuietSigma } from "./quiet_sigma.js";
import { circlesAround, pointOf, shortestWay } from "./ring.js";

/** What is drawn beside the map. */
export interface Marks {
  readonly chosen: string | undefined;
  /** Peers we talk with. */
  readonly talks: ReadonlySet<string>;
  /** When somebody searches: those that match. */
  readonly matches: ReadonlySet<string> | undefined;
}

export interface GraphEvents {
  chosen(id: string): void;
  /** At a point of the page: a menu is asked for. */
  menu(id: string, x: number, y: number): void;
}

interface NodeAttributes {
  x: number;
  y: number;
  size: number;
  label: string;
  color: string;
  zIndex: number;
}

interface Colors {
  peer: string;
  self: string;
  talk: string;
  faint: string;
  lit: string;
  edge: string;
  ownEdge: string;
  text: string;
  behindText: string;
}

const light: Colors = {
  peer: "#4a6fa5",
  self: "#c2410c",
  talk: "#15803d",
  faint: "#c9d1dc",
  lit: "#d97706",
  edge: "#c8d1dd",
  ownEdge: "#7a9ccf",
  text: "#1f2937",
  behindText: "#ffffff",
};
const dark: Colors = {
  peer: "#7fa3d8",
  self: "#fb923c",
  talk: "#4ade80",
  faint: "#334155",
  lit: "#fbbf24",
  edge: "#3a475a",
  ownEdge: "#52739f",
  text: "#e5e7eb",
  behindText: "#1e293b",
};

/** How long a wave takes over one link, and a way stays lit. */
const waveStep_ms = 140;
const wayLit_ms = 2_500;
/** Waves at once; of more the newest are shown. */
const wavesMax = 8;
/** Above so many peers names are shown only of those that are pointed at or marked. */
const namedMax = 150;
/** Characters of a name. */
const labelMax = 20;
/** Links drawn. Of more there is a share: tens of thousands of chords are a grey disc that says nothing. */
const edgesMax = 4_000;
/**
 * Above so many links they are not drawn while the map is moved: each crosses half of the picture, which
 * a machine without a graphics card does not draw at the pace of a hand.
 */
const movedEdgesMax = 1_000;

interface Wave {
  readonly begun: number;
  /** Who is reached after so many steps. */
  readonly circles: readonly (readonly string[])[];
}

export class NetworkGraph {
  readonly #graph = new Graph<NodeAttributes>({ type: "undirected" });
  readonly #sigma: QuietSigma<NodeAttributes>;
  readonly #events: GraphEvents;
  readonly #names = new Names();
  readonly #stop: () => void;
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #map: NetworkMap;
  #marks: Marks = { chosen: undefined, talks: new Set(), matches: undefined };
  #colors = light;
  #waves: Wave[] = [];
  #way: { readonly until: number; readonly ids: readonly string[] } | undefined;
  /** Of the links of others, what part is drawn: 1, a half, a quarter, … */
  #share = 1;
  /** Links that are in the graph, each with its smaller end. */
  readonly #drawn = new Map<string, Set<string>>();
  /** Who is lit as they are drawn now. */
  #lit: ReadonlySet<string> = new Set();
  #frame = 0;
  /** The map has changed. */
  #stale = true;
  /** Everything is to be drawn again. */
  #dirty = true;

  constructor(container: HTMLElement, map: NetworkMap, events: GraphEvents) {
    this.#map = map;
    this.#events = events;
    this.#sigma = new QuietSigma<NodeAttributes>(this.#graph, container, {
      allowInvalidContainer: true,
      zIndex: true,
      // Points and plain lines: machines without a graphics card draw sigma's own shapes one by one.
      nodeProgramClasses: { circle: NodePointProgram },
      edgeProgramClasses: { thin: EdgeLineProgram, thick: EdgeRectangleProgram }, // drawn in this order
      minCameraRatio: 0.02,
      maxCameraRatio: 3,
      stagePadding: 70,
      defaultDrawNodeLabel: (_context, point) => this.#names.add(point),
      defaultDrawNodeHover: (context, point) =>
        drawPointedAt(context, point, this.#picture(), this.#colors),
      nodeReducer: (id, attributes) => this.#node(id, attributes),
      edgeReducer: (edge) => this.#edge(edge),
    });
    this.#sigma.on("afterRender", () => this.#drawRingAndNames());
    this.#sigma.setCustomBBox({ x: [-1, 1], y: [-1, 1] }); // the ring, however few are on it
    this.#sigma.on("clickNode", ({ node, event }) => {
      if (event.original.altKey) this.#menu(node, event);
      else this.#events.chosen(node);
    });
    this.#sigma.on("rightClickNode", ({ node, event, preventSigmaDefault }) => {
      preventSigmaDefault();
      event.original.preventDefault();
      this.#menu(node, event);
    });
    container.addEventListener("contextmenu", (event) => event.preventDefault());
    this.#stop = map.on("change", () => this.#changed());
    this.#changed();
  }

  mark(marks: Marks): void {
    const { chosen, talks, matches } = this.#marks;
    if (chosen === marks.chosen && same(talks, marks.talks) && same(matches, marks.matches)) return;
    this.#marks = marks;
    this.#dirty = true;
    this.#stale ||= this.#share < 1; // other links are shown
    this.#draw();
  }

  theme(name: "light" | "dark"): void {
    this.#colors = name === "dark" ? dark : light;
    this.#dirty = true;
    this.#draw();
  }

  /** A message to everyone goes out from there. */
  wave(origin: string): void {
    if (this.#still.matches || document.hidden) return;
    const circles = circlesAround(origin, (id) => this.#map.neighbors(id));
    const wave = { begun: performance.now(), circles };
    this.#waves = [...this.#waves, wave].slice(-wavesMax);
    this.#draw();
  }

  /** The way that a request takes from us to there. */
  way(to: string): void {
    const ids = shortestWay(this.#map.selfId, to, (id) => this.#map.neighbors(id));
    if (ids === undefined) return;
    this.#way = { until: performance.now() + wayLit_ms, ids };
    this.#dirty = true;
    this.#stale ||= this.#share < 1;
    this.#draw();
  }

  /** Brings a peer into the middle, where there are too many to see each. */
  show(id: string): void {
    if (this.#graph.order <= namedMax) return;
    const at = this.#sigma.getNodeDisplayData(id);
    if (at === undefined) return;
    const camera = this.#sigma.getCamera();
    const state = { x: at.x, y: at.y, ratio: Math.min(camera.ratio, 0.4) };
    if (this.#still.matches) camera.setState(state);
    else void camera.animate(state, { duration: 400 });
  }

  /** Everything in view. */
  reset(): void {
    void this.#sigma.getCamera().animatedReset({ duration: this.#still.matches ? 0 : 300 });
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#stop();
    this.#sigma.kill();
  }

  #menu(id: string, { original }: { original: MouseEvent | TouchEvent }): void {
    const point = "clientX" in original ? original : original.changedTouches[0];
    this.#events.menu(id, point?.clientX ?? 0, point?.clientY ?? 0);
  }

  /** The ring below the points, the names above them. */
  #drawRingAndNames(): void {
    const { edgeLabels, labels } = this.#sigma.getCanvases();
    const below = edgeLabels?.getContext("2d");
    const above = labels?.getContext("2d");
    if (!below || !above) return;
    const picture = this.#picture();
    const { middle, radius } = picture;
    below.beginPath();
    below.arc(middle.x, middle.y, radius, 0, 2 * Math.PI);
    below.strokeStyle = this.#colors.edge;
    below.stroke();
    this.#names.draw(above, picture, this.#colors.text);
  }

  #picture(): Picture {
    const middle = this.#sigma.graphToViewport({ x: 0, y: 0 });
    const top = this.#sigma.graphToViewport({ x: 0, y: 1 });
    const { width } = this.#sigma.getDimensions();
    return { middle, radius: Math.hypot(top.x - middle.x, top.y - middle.y), width };
  }

  #changed(): void {
    this.#stale = true;
    this.#draw();
  }

  /** In the next frame, and in those after it while something moves. */
  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      const touched = this.#stale ? this.#follow() : undefined;
      this.#waves = this.#waves.filter(
        ({ begun, circles }) => now < begun + (circles.length + 1) * waveStep_ms,
      );
      if (this.#way !== undefined && now > this.#way.until) {
        this.#way = undefined;
        this.#dirty = true;
      }
      this.#refresh(now, touched);
      if (this.#waves.length > 0 || this.#way !== undefined) this.#draw();
    });
  }

  /** Draws what has changed: all, if it looks different; who was lit or is; or what came and went. */
  #refresh(now: number, touched: ReadonlySet<string> | undefined): void {
    const before = this.#lit;
    this.#lit = this.#litAt(now);
    if (this.#dirty) {
      this.#dirty = false;
      return void this.#sigma.refresh({ skipIndexation: false });
    }
    const changed = [
      ...(touched ?? []),
      ...[...before].filter((id) => !this.#lit.has(id)),
      ...[...this.#lit].filter((id) => !before.has(id)),
    ].filter((id) => this.#graph.hasNode(id));
    if (changed.length > 0 || touched !== undefined)
      this.#sigma.refresh({
        partialGraph: { nodes: changed },
        skipIndexation: touched === undefined,
      });
  }

  /** Those on the lit way, and whom a wave is passing. */
  #litAt(now: number): Set<string> {
    const lit = new Set(this.#way?.ids);
    for (const { begun, circles } of this.#waves) {
      const step = Math.floor((now - begun) / waveStep_ms);
      for (const circle of [circles[step - 1], circles[step]])
        for (const id of circle ?? []) lit.add(id);
    }
    return lit;
  }

  /** Makes the graph what the map is, touching only what differs; gives the peers that do. */
  #follow(): Set<string> {
    this.#stale = false;
    let links = 0;
    for (const id of this.#map.peers.keys()) links += this.#map.neighbors(id).size / 2;
    for (this.#share = 1; links * this.#share > edgesMax; ) this.#share /= 2;
    const graph = this.#graph;
    const { peers } = this.#map;
    // In halves, so that not everybody is drawn anew whenever somebody comes.
    const size = Math.round(Math.min(9, Math.max(2, 60 / Math.sqrt(peers.size))) * 2) / 2;
    const touched = this.#sigma.quietly(() => {
      this.#dropGone();
      for (const { id, name, self } of peers.values()) {
        const label = shortened(name || `${id.slice(0, 8)}…`);
        if (!graph.hasNode(id)) {
          graph.addNode(id, { ...pointOf(id), size, label, color: "", zIndex: self ? 2 : 0 });
        } else {
          const drawn = graph.getNodeAttributes(id);
          if (drawn.size !== size || drawn.label !== label)
            graph.mergeNodeAttributes(id, { size, label });
        }
      }
      for (const [a, b] of this.#map.edges()) {
        if (!this.#isShown(a, b)) continue;
        if (this.#drawn.get(a)?.has(b) === true || !graph.hasNode(a) || !graph.hasNode(b)) continue;
        graph.addEdgeWithKey(`${a} ${b}`, a, b);
        const others = this.#drawn.get(a);
        if (others === undefined) this.#drawn.set(a, new Set([b]));
        else others.add(b);
      }
    });
    this.#thin(peers.size > namedMax, graph.size > movedEdgesMax);
    return touched;
  }

  /** Peers and links that are no more; links first, since those of a peer go with it. */
  #dropGone(): void {
    const graph = this.#graph;
    const { peers } = this.#map;
    for (const [a, others] of this.#drawn) {
      const now = this.#map.neighbors(a);
      for (const b of others) {
        if (now.has(b) && peers.has(a) && peers.has(b) && this.#isShown(a, b)) continue;
        graph.dropEdge(`${a} ${b}`);
        others.delete(b);
      }
      if (others.size === 0) this.#drawn.delete(a);
    }
    graph.forEachNode((id) => {
      if (!peers.has(id)) graph.dropNode(id);
    });
  }

  /** All links, or where there are too many ours, those of whom we look at or talk with, and a share. */
  #isShown(a: string, b: string): boolean {
    if (this.#share === 1) return true;
    const { chosen, talks } = this.#marks;
    const marked = (id: string): boolean =>
      id === this.#map.selfId || id === chosen || talks.has(id) || this.#way?.ids.includes(id) === true;
    return marked(a) || marked(b) || shareOf(a, b) < this.#share;
  }

  /** What is left out where there is too much; a setting draws everything anew, so only if it differs. */
  #thin(names: boolean, edges: boolean): void {
    const sigma = this.#sigma;
    const labelRenderedSizeThreshold = names ? 100 : 0;
    const labelDensity = names ? 0.5 : namedMax; // who has room is seen when all are there
    if (sigma.getSetting("labelDensity") !== labelDensity)
      sigma.setSettings({ labelRenderedSizeThreshold, labelDensity });
    if (sigma.getSetting("hideEdgesOnMove") !== edges) sigma.setSetting("hideEdgesOnMove", edges);
  }

  #node(id: string, attributes: NodeAttributes): Partial<NodeAttributes> & object {
    const { chosen, talks, matches } = this.#marks;
    const colors = this.#colors;
    const self = id === this.#map.selfId;
    const talking = talks.has(id);
    const faint = matches !== undefined && !matches.has(id);
    const lit = this.#lit.has(id);
    const color = self ? colors.self : talking ? colors.talk : faint ? colors.faint : colors.peer;
    const marked = self || talking || id === chosen || matches?.has(id) === true;
    return {
      ...attributes,
      color: lit ? colors.lit : color,
      size: attributes.size * (self || id === chosen ? 1.6 : talking || lit ? 1.3 : 1),
      highlighted: id === chosen,
      forceLabel: marked && (matches === undefined || matches.size <= namedMax),
      label: faint && !marked ? "" : attributes.label,
      zIndex: marked || lit ? 2 : 0,
    } as Partial<NodeAttributes>;
  }

  #edge(key: string): object {
    const colors = this.#colors;
    const [a = "", b = ""] = key.split(" ");
    const { selfId } = this.#map;
    const way = this.#way?.ids;
    const step = way === undefined ? -1 : way.indexOf(a);
    const onWay = step >= 0 && (way?.[step + 1] === b || way?.[step - 1] === b);
    if (onWay) return { color: colors.lit, type: "thick", size: 3, zIndex: 3 };
    const other = a === selfId ? b : b === selfId ? a : undefined;
    if (other === undefined) return { color: colors.edge, type: "thin", zIndex: 0 };
    const talking = this.#marks.talks.has(other);
    const color = talking ? colors.talk : colors.ownEdge;
    return { color, type: "thick", size: talking ? 3 : 1.2, zIndex: 1 };
  }
}

/** Names may have 64 characters, which would cover half of a small picture. */
function shortened(name: string): string {
  const characters = [...name];
  return characters.length > labelMax ? `${characters.slice(0, labelMax - 1).join("")}…` : name;
}

/** A number below 1 for a link, evenly spread and always the same. */
function shareOf(a: string, b: string): number {
  let hash = 0;
  for (const id of [a, b])
    for (let i = 8; i < 14; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) + 0x9e3779b9;
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

function same(one?: ReadonlySet<string>, other?: ReadonlySet<string>): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every((id) => other.has(id));
}
