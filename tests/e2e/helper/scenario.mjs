/**
 * One test: a server, a browser, peers. Everything that it starts ends with it, whatever happens,
 * and it fails when any page complained about anything that it was not told to expect.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Browser, SharedBrowser, usual } from "./browser.mjs";
import { areWhole, inFigures } from "./map.mjs";
import { Peer } from "./peer.mjs";
import { Server } from "./server.mjs";
import { until } from "./until.mjs";

/** A scenario that takes longer hangs; the slowest takes 70 s where two cores serve eight at once. */
const scenarioMax_ms = 240_000;

/**
 * From 8 peers on there may be links that are too many. Once they are 10 s old they leave the maps
 * of all but their own ends, and are closed 3 s later, one after the other: until then maps differ.
 */
const trimmedMax_ms = 20_000;
const isTrimmed = ({ length }) => length >= 8;

/** What browsers write down of a WebSocket that did not open or has ended, which no page can prevent. */
const socketsLost = [/^console: WebSocket connection to 'ws:/];

/** The same of a server that was killed, and what the v2 face reports of it, as v2 did. */
const serverGone = [
  ...socketsLost,
  /^console: Failed to load resource: net::ERR_CONNECTION_REFUSED http:[^ ]*\/favicon\.ico$/,
  /^console: membrane: the first-contact server cannot be reached/,
];

/** What Firefox writes down of each connection whose other end went while it was being made, or later. */
const connectionLost = /^uncaught: Error: WebRTC: ICE failed/;

/** And of each line to a server that the page gave up before it was open, or that went with its page. */
const lineGivenUp =
  /^uncaught: Error: (The connection to ws:\S* was interrupted while|Firefox can.t establish a connection to the server at ws:)/;

after(() => SharedBrowser.end());

/** What to put before a command so that it runs in this browser. */
const inThisBrowser = usual === "chromium" ? "" : `E2E_BROWSER=${usual} `;

/**
 * `todo` says why it is known to fail; it is run all the same. `chromium` says what it needs that
 * only Chromium has; in another browser it is skipped.
 */
export function scenario(name, body, { todo, chromium } = {}) {
  const skip = usual === "chromium" ? undefined : chromium;
  test(name, { timeout: scenarioMax_ms, todo, skip }, async (t) => {
    const world = new World((text) => t.diagnostic(text), () => SharedBrowser.open());
    // Without its browsers a scenario that hangs fails at once, and ends like any other. The signal
    // comes at the end of every test, too.
    let over = false;
    t.signal.addEventListener("abort", () => over || Promise.all([SharedBrowser.end(), world.end()]));
    try {
      await body(world);
      assert.deepEqual(world.complaints(), []);
    } catch (error) {
      world.say(`replay: ${inThisBrowser}./run e2e '${name}'`);
      await world.describe();
      throw error;
    } finally {
      over = true;
      await world.end();
    }
  });
}

export class World {
  #browsers = [];
  #servers = [];
  #browser;
  #openBrowser;
  #expected = [];
  peers = [];
  /** Prints a figure or a remark beside the test's result. */
  say;

  /** `openBrowser` gives the one that all peers share by default; one of their own, if left out. */
  constructor(say, openBrowser = () => Browser.start()) {
    this.say = say;
    this.#openBrowser = openBrowser;
  }

  async server() {
    const server = await Server.start();
    this.#servers.push(server);
    return server;
  }

  /** A browser of its own for a peer; by default all share one. */
  async browser(options) {
    return this.#keep(await Browser.start(options));
  }

  async #sharedBrowser() {
    return this.#keep(await this.#openBrowser());
  }

  #keep(browser) {
    this.#browsers.push(browser);
    return browser;
  }

  /** A tab at this address. */
  async open(url, { browser, name = `peer ${this.peers.length}`, apart } = {}) {
    browser ??= await (this.#browser ??= this.#sharedBrowser());
    const peer = await Peer.open(browser, url, name, { apart });
    this.peers.push(peer);
    return peer;
  }

  /** A tab that can join. */
  openPeer(server, options) {
    return this.open(server.url("/e2e/peer.html"), options);
  }

  /** A tab that has joined. */
  async join(server, { browser, apart, ...options } = {}) {
    const peer = await this.openPeer(server, { browser, apart, name: options.name });
    await peer.join(server, options);
    return peer;
  }

  /** So many tabs, joined one after the other. */
  async joinMany(server, count, options) {
    const peers = [];
    for (let i = 0; i < count; i++) peers.push(await this.join(server, options));
    return peers;
  }

  /** Complaints like this are no failure; the caller says beside it why. */
  expectComplaint(pattern) {
    this.#expected.push(pattern);
  }

  /** The server is away, or the machine sleeps: sockets end, and the browser writes it down. */
  expectLostSockets() {
    this.#expected.push(...socketsLost);
  }

  /** Console errors and uncaught ones of all pages so far, but for those that are expected. */
  complaints() {
    const killed = this.#servers.some(({ kills }) => kills > 0);
    const expected = [connectionLost, lineGivenUp, ...this.#expected, ...(killed ? serverGone : [])];
    return this.peers.flatMap(({ name, complaints }) =>
      complaints
        .filter((complaint) => !expected.some((pattern) => pattern.test(complaint)))
        .map((complaint) => `${name}: ${complaint}`),
    );
  }

  /**
   * Waits until these peers' maps are whole: everyone is in every map, every map has the same edges,
   * and those are just the links that there are.
   */
  async wholeMaps(peers, { within_ms, pause_ms } = {}) {
    let views;
    if (isTrimmed(peers)) within_ms ??= trimmedMax_ms;
    const look = async () => {
      views = await Promise.all(peers.map((peer) => peer.view()));
      return areWhole(views);
    };
    const state = () => views.map(inFigures);
    await until(`whole maps of ${peers.length} peers`, look, { within_ms, pause_ms, state });
    return views;
  }

  /** For a failed test: what each page still says of itself. */
  async describe() {
    for (const complaint of this.complaints()) this.say(complaint);
    const open = this.peers.filter(({ page }) => !page.isClosed());
    const states = open.map(async (peer) => {
      const asked = peer.run(() => {
        const { membrane, events } = globalThis.e2e ?? {};
        return { view: membrane && globalThis.e2e.view(), counters: membrane?.counters, events };
      });
      const late = new Promise((resolve) => setTimeout(resolve, 1_000, "no answer").unref());
      const said = await Promise.race([asked, late]).catch(String);
      this.say(`${peer.name} ${peer.id.slice(0, 8)}: ${JSON.stringify(said).slice(0, 1_500)}`);
    });
    await Promise.all(states);
  }

  async end() {
    await Promise.allSettled(this.#browsers.map((browser) => browser.close()));
    await Promise.allSettled(this.#servers.map((server) => server.close()));
  }
}
