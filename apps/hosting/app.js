/**
 * Pages published from browser tabs to browser tabs, on the v2 face of Membrane. This file ties the
 * network's events to the parts: own pages, catalog, announcer, exchange, view.
 */
import { Announcer } from "./announcer.js";
import { Catalog } from "./catalog.js";
import { Exchange } from "./exchange.js";
import { chooseName, rememberName } from "./own_name.js";
import { OwnPages } from "./own_pages.js";
import * as view from "./view.js";

const network = globalThis;
const ownPages = new OwnPages();
const catalog = new Catalog();
const exchange = new Exchange(network, (name) => ownPages.get(name));
const gossip = network.gossipTransport.addType("hostedPages");
const announcer = new Announcer(announce, () => Object.keys(network.networkMap.nodes).length);
let inNetwork = false;
let failed = false;
let serverGone = false;
let announced = false;
let version = Date.now();
/** Counts what was opened, so that a page which arrives late replaces nothing. */
let opening = 0;
/** The name of our own page in the editor, empty for a new one. */
let editing = "";

const self = () => network.CONFIG.communication.hiddenAlias;
const nameOf = (alias) => network.hiddenAliasLookup[alias] || "Somebody without a name";
const field = (id) => document.getElementById(id);

function announce() {
  if (ownPages.names.length === 0 && !announced) return;
  announced = true;
  version += 1;
  gossip.addGossip({ version, pages: ownPages.names });
}

// ---- What the network tells ---------------------------------------------------------------------

network.gossipTransport.addParser("hostedPages", true, (_block, _identifiers, lists) => {
  for (const list of lists) {
    const author = network.gossipTransport.originOf(list);
    if (author !== undefined && author !== self() && catalog.learn(author, list)) render();
  }
});

network.onNetworkMapUpdate((kind, info) => {
  if (kind === "addNode" && info !== self()) announcer.newcomer();
  if (kind === "removeNode") catalog.forget(info);
  if (kind === "totalWipe") catalog.clear();
  render();
});
network.onNewPeer(render);
network.onLostPeer(render);
network.eventHandler.onReceipt("peerRenamed", render);
network.onServerError(() => {
  serverGone = true;
  render();
});
network.eventHandler.onReceipt("serverReady", () => {
  serverGone = false;
  render();
});

// ---- What is shown ------------------------------------------------------------------------------

let rendering = false;

/** Draws once for all changes of one moment. */
function render() {
  if (rendering) return;
  rendering = true;
  queueMicrotask(() => {
    rendering = false;
    draw();
  });
}

function draw() {
  const peers = Object.keys(network.networkMap.nodes).map((alias) => ({
    alias,
    name: nameOf(alias),
    self: alias === self(),
    linked: alias in network.livePeers,
    pages: alias === self() ? ownPages.names : catalog.names(alias),
  }));
  peers.sort((a, b) => Number(b.self) - Number(a.self) || a.name.localeCompare(b.name));
  view.showPages(
    peers.filter(({ pages }) => pages.length > 0),
    open,
  );
  view.showPeers(peers, network.networkMap, self());
  view.showStatus(...status(peers.length));
}

function status(peerCount) {
  const links = Object.keys(network.livePeers).length;
  if (failed) return ["failed", "Not in the network"];
  if (!inNetwork) {
    return serverGone
      ? ["failed", "The first-contact server does not answer. Trying again…"]
      : ["joining", "Joining the network…"];
  }
  const here = links === 0 ? "You are alone here" : `${peerCount} here · ${count(links, "link")}`;
  if (!serverGone) return [links === 0 ? "alone" : "joined", here];
  const still = links === 0 ? "nobody can come until it returns" : "all goes on without it";
  return ["serverless", `${here} · server gone, ${still}`];
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

// ---- What the user does -------------------------------------------------------------------------

function edit(page) {
  opening += 1;
  editing = page;
  view.showEditor(page, ownPages.get(page) ?? "");
}

async function open(author, page) {
  view.showError("");
  if (author.self) {
    edit(page);
    field("page-html").focus();
    return;
  }
  opening += 1;
  const current = opening;
  const begin = performance.now();
  view.showReader(page, `Asking ${author.name}…`);
  try {
    const html = await exchange.fetch(author.alias, page);
    if (current !== opening) return;
    const took = Math.max(1, Math.round(performance.now() - begin));
    view.showReader(page, `From ${author.name}, in ${took} ms`, html);
  } catch (error) {
    if (current === opening) view.showReader(page, error.message);
  }
}

/** Does something of the user's; what goes wrong is shown in words. */
function attempt(action) {
  view.showError("");
  try {
    action();
  } catch (error) {
    view.showError(error.message);
  }
}

field("publish").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(() => {
    ownPages.set(field("page-name").value.trim(), field("page-html").value);
    edit("");
    field("page-name").focus();
    announcer.changed();
    render();
  });
});

field("withdraw").addEventListener("click", () => {
  ownPages.delete(editing);
  edit("");
  field("page-name").focus();
  announcer.changed();
  render();
});

field("preview").addEventListener("click", () => {
  opening += 1;
  const name = field("page-name").value.trim() || "Preview";
  view.showReader(name, "A preview: not published yet", field("page-html").value);
});

field("write").addEventListener("click", () => {
  edit("");
  field("page-name").focus();
});

field("close").addEventListener("click", () => {
  opening += 1;
  view.closeReader();
});

field("name-form").addEventListener("submit", (event) => {
  event.preventDefault();
  field("name").blur();
});

field("name").addEventListener("change", () =>
  attempt(() => {
    const name = field("name").value.trim() || chooseName();
    field("name").value = name;
    if (inNetwork) network.CONFIG.communication.publicAlias = name;
    rememberName(name);
  }),
);

// ---- The beginning ------------------------------------------------------------------------------

function configuration() {
  const name = chooseName();
  field("name").value = name;
  const server = new URLSearchParams(location.search).get("server");
  return {
    "communication.publicAlias": name,
    ...(server === null ? {} : { "server.initBindURL": server }),
  };
}

network.init(configuration).then(
  () => {
    inNetwork = true;
    serverGone = false;
    // It may have been changed while we joined.
    network.CONFIG.communication.publicAlias = field("name").value;
    announcer.changed();
    render();
  },
  (error) => {
    failed = true;
    render();
    view.showError(`This page could not join: ${error.message}`);
  },
);
