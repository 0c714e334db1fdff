// The other side: the same graphs in graphology, the same content as JSON. Prints one line a figure as
// membrane-core-bench does. Usage: node peer.mjs FOLDER

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Graph from 'graphology';
import dijkstra from 'graphology-shortest-path/dijkstra.js';
import unweighted from 'graphology-shortest-path/unweighted.js';

const folder = process.argv[2];
const rounds = 15;
const roundMsMin = 3;
const warmUpMs = 30;

let kept; // what a measured call returned, so that it is not left out

/** One call, as measure.h measures it; the warm-up is long enough for the compiler to finish. */
function measure(work) {
  const batch = (calls) => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) kept = work();
    return performance.now() - start;
  };
  for (const start = performance.now(); performance.now() - start < warmUpMs; ) batch(1);
  let calls = 1;
  while (batch(calls) < roundMsMin) calls *= 2;
  const ns = Array.from({ length: rounds }, () => (batch(calls) * 1e6) / calls);
  ns.sort((a, b) => a - b);
  return [ns[rounds >> 2], ns[rounds >> 1]];
}

function report(name, figure) {
  console.log([name, ...figure.map((ns) => ns.toFixed(2))].join('\t'));
}

/** The graphs of a file, one after the other, see graph.h. */
function* readGraphs(path) {
  const lines = readFileSync(path, 'utf8').trim().split('\n').values();
  const fields = () => lines.next().value.split(' ');
  for (const line of lines) {
    const [peerCount, degree, edgeCount] = line.split(' ').slice(1).map(Number);
    const graph = new Graph({ type: 'undirected', multi: false });
    const peers = Array.from({ length: peerCount }, () => fields()[1]);
    peers.forEach((peer, i) => graph.addNode(peer, { name: `peer ${i}` }));
    for (let i = 0; i < edgeCount; i++) {
      const [, a, b] = fields();
      graph.addEdge(peers[a], peers[b]);
    }
    yield { shape: `${peerCount} peers, degree ${degree}`, graph, peers };
  }
}

function measureImport(shape, graph) {
  const text = JSON.stringify(graph.export());
  const parsed = JSON.parse(text);
  report(`import parsed: ${shape}`, measure(() => Graph.from(parsed)));
  report(`import: ${shape}`, measure(() => Graph.from(JSON.parse(text))));
}

/** Routes from the first peer to all others in turn, in the ways graphology offers. */
function measureLookups(shape, graph, peers) {
  const self = peers[0];
  let at = 0;
  const next = () => peers[(at = (at + 7) % peers.length || 7)];
  report(`lookup dijkstra: ${shape}`, measure(() => dijkstra.bidirectional(graph, self, next())[1]));
  report(`lookup search: ${shape}`, measure(() => unweighted.bidirectional(graph, self, next())[1]));
  const table = unweighted.singleSource(graph, self);
  report(`lookup table: ${shape}`, measure(() => table[next()][1]));
}

/** An edge between two others comes or goes, the next message needs a route. */
function measureChanges(shape, graph, peers) {
  const self = peers[0];
  const a = peers[Math.floor(peers.length / 3)];
  const b = peers[2 * Math.floor(peers.length / 3)];
  const toggle = () => (graph.hasEdge(a, b) ? graph.dropEdge(a, b) : graph.addEdge(a, b));
  const after = (route) =>
    measure(() => {
      toggle();
      return route();
    });
  report(`change dijkstra: ${shape}`, after(() => dijkstra.bidirectional(graph, self, b)[1]));
  report(`change search: ${shape}`, after(() => unweighted.bidirectional(graph, self, b)[1]));
  report(`change table: ${shape}`, after(() => unweighted.singleSource(graph, self)[b][1]));
}

function measureJson() {
  for (const { name, value } of JSON.parse(readFileSync(join(folder, 'samples.json'), 'utf8'))) {
    const text = JSON.stringify(value);
    report(`encode: ${name}`, measure(() => JSON.stringify(value)));
    report(`decode: ${name}`, measure(() => JSON.parse(text)));
  }
}

for (const { shape, graph, peers } of readGraphs(join(folder, 'graphs.txt'))) {
  measureImport(shape, graph);
  measureLookups(shape, graph, peers);
  measureChanges(shape, graph, peers);
}
measureJson();
if (kept === undefined) throw new Error('nothing was measured');
