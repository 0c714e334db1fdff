import { useEffect, useRef, useState } from "preact/hooks";
import { NetworkGraph } from "../graph/network_graph.js";
import type { Nexus } from "../network/nexus.js";
import { everyone } from "../network/talk.js";
import type { Settings } from "../settings.js";
import { matching } from "./matching.js";
import type { MenuPlace } from "./peer_menu.js";

interface Props {
  nexus: Nexus;
  search: string;
  theme: Settings["theme"];
  onChoose(id: string | undefined): void;
  onMenu(place: MenuPlace): void;
}

/** The graph. Who cannot see it has the same in the list of people. */
export function MapView({ nexus, search, theme, onChoose, onMenu }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const graph = useRef<NetworkGraph>();
  const [isMissing, setMissing] = useState(false);
  /** Counts how often the browser took the context for drawing away and gave it back. */
  const [restored, setRestored] = useState(0);
  const { membrane } = nexus;

  useEffect(() => {
    const element = container.current;
    if (membrane === undefined || element === null) return;
    const canvas = document.createElement("canvas");
    const canDraw = (canvas.getContext("webgl2") ?? canvas.getContext("webgl")) !== null;
    setMissing(!canDraw);
    if (!canDraw) return;
    const drawn = new NetworkGraph(element, membrane.map, {
      chosen: (id) => (id === membrane.id ? undefined : onChoose(id)),
      menu: (id, x, y) => onMenu({ id, x, y }),
    });
    graph.current = drawn;
    const lost = (event: Event): void => event.preventDefault(); // so that it comes back
    const again = (): void => setRestored((times) => times + 1);
    element.addEventListener("webglcontextlost", lost, true);
    element.addEventListener("webglcontextrestored", again, true);
    nexus.onBroadcast = (origin) => drawn.wave(origin);
    nexus.onAsked = (id) => drawn.way(id);
    return () => {
      element.removeEventListener("webglcontextlost", lost, true);
      element.removeEventListener("webglcontextrestored", again, true);
      nexus.onBroadcast = nexus.onAsked = () => undefined;
      graph.current = undefined;
      drawn.close();
    };
  }, [membrane, restored]);

  const chosen = nexus.chosen.value === everyone ? undefined : nexus.chosen.value;
  const talks = [...nexus.talks.value.values()].filter(({ state }) => state.value === "open");
  const version = nexus.mapVersion.value;
  useEffect(() => {
    graph.current?.mark({
      chosen,
      talks: new Set(talks.map(({ id }) => id)),
      matches: search === "" ? undefined : new Set(matching(nexus, search).map(({ id }) => id)),
    });
  }, [membrane, restored, chosen, talks.map(({ id }) => id).join(), search, version]);
  useEffect(() => {
    if (chosen !== undefined) graph.current?.show(chosen);
  }, [chosen]);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = (): void =>
      graph.current?.theme(theme === "auto" ? (system.matches ? "dark" : "light") : theme);
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [membrane, restored, theme]);

  return (
    <section class="map" aria-label="Map of the network">
      <div ref={container} class="graph" aria-hidden="true" />
      {isMissing && (
        <p role="note">This browser has no WebGL to draw the map with. The list has everybody.</p>
      )}
      <button class="small outline whole" onClick={() => graph.current?.reset()}>
        Whole ring
      </button>
    </section>
  );
}
