/**
 * A peer that is driven from outside. Joins when it is told to, and writes down what happens and
 * when, on the one clock that all pages of a machine share.
 */
import { Identity, Membrane, MembraneError } from "/membrane/membrane.js";

const now = () => performance.timeOrigin + performance.now();
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const logged = ["state", "peer-added", "peer-removed", "edge-added", "edge-removed"];

/** A call that has not ended by then hangs: whatever has a longer limit of its own is not asked here. */
const outcomeMax_ms = 20_000;

/** What an error of the library says of itself, such as "MembraneError unreachable". */
const inShort = (error) => `${error?.name} ${error?.code}`;

const e2e = {
  now,
  membrane: undefined,
  /** Every event of the membrane: `{at, type, …}`. */
  events: [],
  /** Every message of the topics followed: `{at, topic, origin, json}`. */
  messages: [],
  /** Every message and event of sessions: `{at, from, …}`. */
  received: [],

  /** Joins; gives `{id, begun, joined}`. Sessions are refused or never answered when it says so. */
  async join(server, { refuse = false, undecided = false, ...options } = {}) {
    if (refuse) options.accept = () => false;
    if (undecided) options.accept = () => new Promise(() => undefined);
    const begun = now();
    const membrane = await Membrane.join(server, options);
    const joined = now();
    e2e.membrane = membrane;
    e2e.rememberState(joined);
    for (const type of [...logged, "link-up", "link-down", "server", "session-closed"]) {
      membrane.on(type, (detail) => e2e.events.push({ at: now(), type, ...detail }));
    }
    membrane.on("session", ({ session }) => e2e.follow(session));
    return { id: membrane.id, begun, joined };
  },

  /** What was there before we could listen, as events. */
  rememberState(at) {
    const { peers, links } = e2e.membrane;
    for (const id of peers.keys()) e2e.events.push({ at, type: "peer-added", id });
    for (const [a, b] of e2e.membrane.edges()) e2e.events.push({ at, type: "edge-added", a, b });
    for (const id of links.keys()) e2e.events.push({ at, type: "link-up", id });
  },

  /** Writes down what a session brings; content by length and SHA-256. */
  follow(session) {
    const from = session.id;
    session.on("progress", (progress) => e2e.received.push({ at: now(), from, progress }));
    session.on("close", ({ reason }) => e2e.received.push({ at: now(), from, reason }));
    session.on("message", async ({ data }) => {
      const at = now();
      e2e.received.push({ at, from, data: await e2e.summary(data) });
    });
  },

  async summary(data) {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const hash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
    return { kind: typeof data, size: data.length, hash, head: String(data.slice(0, 40)) };
  },

  /** Resolves with how long it took and "connected" or the error in short. */
  async connect(id, { timeout_ms, ...options } = {}) {
    if (timeout_ms !== undefined) options.signal = AbortSignal.timeout(timeout_ms);
    const begun = now();
    const outcome = await e2e.membrane.connect(id, options).then(() => "connected", inShort);
    return { outcome, took_ms: now() - begun };
  },

  /**
   * From here on connections behave as behind a NAT that gives each destination another address: two
   * of this kind cannot reach each other, and everyone else can. Each tells that in its descriptions,
   * and takes no candidates of another.
   */
  beBehindNat() {
    const mark = "a=x-symmetric-nat\r\n";
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      #blocked = false;

      get localDescription() {
        const description = super.localDescription;
        return description && { type: description.type, sdp: description.sdp + mark };
      }

      setRemoteDescription({ type, sdp }) {
        this.#blocked = sdp.includes(mark);
        if (this.#blocked) sdp = sdp.replace(/a=candidate.*\r\n/g, "");
        return super.setRemoteDescription({ type, sdp });
      }

      async addIceCandidate(candidate) {
        if (!this.#blocked) await super.addIceCandidate(candidate);
      }
    };
  },

  listen(name) {
    e2e.membrane.topic(name).on("message", ({ origin, json }) => {
      e2e.messages.push({ at: now(), topic: name, origin, json });
    });
  },

  /** The map as this peer has it, with its own links, in an order that can be compared. */
  view() {
    const { membrane } = e2e;
    const edges = [...membrane.edges()].map((ends) => ends.toSorted().join(" "));
    return {
      id: membrane.id,
      state: membrane.state,
      nodes: [...membrane.peers.keys()].sort(),
      edges: edges.sort(),
      links: [...membrane.links.keys()].sort(),
    };
  },

  /** How a call ends: "done", the code of its error, what it throws instead, or "hangs". */
  async outcome(work) {
    const of = (error) => (error instanceof MembraneError ? error.code : `untyped: ${error}`);
    const ended = (async () => work())().then(() => "done", of);
    return Promise.race([ended, new Promise((late) => setTimeout(late, outcomeMax_ms, "hangs"))]);
  },

  /** The outcome of each of these calls, by their names. */
  async outcomes(calls) {
    const entries = Object.entries(calls).map(async ([name, work]) => {
      return [name, await e2e.outcome(work)];
    });
    return Object.fromEntries(await Promise.all(entries));
  },

  inShort,
  Identity,
  Membrane,
};

globalThis.e2e = e2e;
