/**
 * What a page holds once its garbage is collected: bytes of its heap and of its cores' memories, the
 * browser's event listeners, and how many connections, cores, memberships and sessions are still
 * reachable. Those are counted by weak references: `Runtime.queryObjects` would need no help of the
 * page, but never answers for a page with a core in it (Chromium 156).
 */

/** Collections until everything that only garbage held is gone as well. */
const collections = 3;

export class Census {
  #page;
  #session;

  /** From here on the page's new objects are counted; to be called before it joins. */
  static async begin({ page }) {
    const census = new Census();
    census.#page = page;
    census.#session = await page.createCDPSession();
    await census.#session.send("Performance.enable");
    await page.evaluate(() => {
      const kept = { connections: [], memories: [], memberships: [], sessions: [] };
      const note = (kind, object) => kept[kind].push(new WeakRef(object));
      globalThis.note = note;
      globalThis.kept = kept;
      globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...values) {
          super(...values);
          note("connections", this);
        }
      };
      const { instantiate } = WebAssembly;
      WebAssembly.instantiate = async (...values) => {
        const instance = await instantiate.apply(WebAssembly, values);
        note("memories", instance.exports.memory);
        return instance;
      };
      const { Membrane } = globalThis.e2e;
      const { join } = Membrane;
      Membrane.join = async (...values) => {
        const membrane = await join.apply(Membrane, values);
        note("memberships", membrane);
        membrane.on("session", ({ session }) => note("sessions", session));
        return membrane;
      };
    });
    return census;
  }

  /** What is there now. What the page wrote down for its test is forgotten before. */
  async take() {
    await this.#page.evaluate(() => {
      const { events, messages, received } = globalThis.e2e;
      for (const list of [events, messages, received]) list.length = 0;
    });
    for (let i = 0; i < collections; i++) await this.#session.send("HeapProfiler.collectGarbage");
    const { metrics } = await this.#session.send("Performance.getMetrics");
    const metric = (name) => metrics.find((one) => one.name === name).value;
    const counts = await this.#page.evaluate(() => {
      const { kept } = globalThis;
      let memoryBytes = 0;
      const counts = {};
      for (const [kind, references] of Object.entries(kept)) {
        const live = references.filter((reference) => reference.deref() !== undefined);
        kept[kind] = live;
        counts[kind] = live.length;
      }
      for (const memory of kept.memories) memoryBytes += memory.deref()?.buffer.byteLength ?? 0;
      return { ...counts, memoryBytes };
    });
    return {
      heapBytes: metric("JSHeapUsedSize"),
      listeners: metric("JSEventListeners"),
      ...counts,
    };
  }
}
