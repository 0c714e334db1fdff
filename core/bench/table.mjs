// Puts the figures of all sides into tables with ratios. Usage: node table.mjs FOLDER
// FOLDER holds native.tsv, peer.tsv and, when WebAssembly was measured, wasm.tsv.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];

function readFigures(name) {
  const path = join(folder, `${name}.tsv`);
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [figure, ...values] = line.split('\t');
      return [figure, values.map(Number)];
    }),
  );
}

const native = readFigures('native');
const wasm = readFigures('wasm');
const peer = readFigures('peer');
let spreads = [];

function time(figures, name) {
  const [quartile, median] = figures.get(name) ?? [];
  if (quartile === undefined) return '-';
  spreads.push(median / quartile - 1);
  const [unit, size] = quartile < 1e3 ? ['ns', 1] : quartile < 1e6 ? ['us', 1e3] : ['ms', 1e6];
  return `${(quartile / size).toPrecision(3)} ${unit}`;
}

/** How many times as long the second takes. */
function ratio(ours, name, theirs, theirName = name) {
  const value = theirs.get(theirName)?.[0] / ours.get(name)?.[0];
  if (!Number.isFinite(value)) return '-';
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)}x`;
}

function print(title, columns, rows) {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
  console.log(`\n${title}\n`);
  console.log(line(columns));
  console.log(`|${widths.map((width, i) => '-'.repeat(width + 1) + (i ? ':' : '-')).join('|')}|`);
  for (const row of rows) console.log(line(row));
}

const named = (figures, prefix) =>
  [...figures.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));

function compare(row, ours, theirs) {
  return [
    row,
    time(native, ours),
    time(wasm, ours),
    time(peer, theirs),
    ratio(native, ours, peer, theirs),
    ratio(wasm, ours, peer, theirs),
  ];
}

function mapRows(shape) {
  return [
    compare(`${shape}: import`, `import: ${shape}`, `import: ${shape}`),
    compare('  against its import alone, JSON parsed before', `import: ${shape}`, `import parsed: ${shape}`),
    compare('  lookup, against a Dijkstra each', `lookup: ${shape}`, `lookup dijkstra: ${shape}`),
    compare('  lookup, against a two-sided search each', `lookup: ${shape}`, `lookup search: ${shape}`),
    compare('  lookup, against a table computed before', `lookup: ${shape}`, `lookup table: ${shape}`),
    compare('  edge change + lookup, against Dijkstra', `change: ${shape}`, `change dijkstra: ${shape}`),
    compare('  edge change + lookup, against one search', `change: ${shape}`, `change search: ${shape}`),
    compare('  edge change + all routes', `change: ${shape}`, `change table: ${shape}`),
  ];
}

function codecRow(sample, step) {
  const name = `${step}: ${sample}`;
  return [
    `${step} ${sample}`,
    time(native, name),
    time(native, `json ${name}`),
    ratio(native, name, native, `json ${name}`),
    time(wasm, name),
    time(peer, name),
    ratio(wasm, name, peer),
  ];
}

function sizeRow(sample) {
  const [ours] = native.get(`bytes: ${sample}`);
  const [json] = native.get(`json bytes: ${sample}`);
  return [sample, `${ours}`, `${json}`, `${(json / ours).toFixed(1)}x`];
}

function plainRows(prefixes) {
  return prefixes
    .flatMap((prefix) => named(native, prefix).map((name) => prefix + name))
    .map((name) => [name, time(native, name), time(wasm, name)]);
}

function perSecond(name) {
  return `${Math.round(1e9 / native.get(name)[0])} a second`;
}

const shapes = named(peer, 'import: ');
const samples = named(native, 'bytes: ');
print(
  'The map, against graphology',
  ['', 'native', 'wasm', 'graphology', 'native ratio', 'wasm ratio'],
  shapes.flatMap(mapRows),
);
print(
  'Encoding and decoding, against JSON (native: Boost.JSON to a tree; wasm: V8)',
  ['', 'native', 'Boost.JSON', 'ratio', 'wasm', 'V8 JSON', 'ratio'],
  ['encode', 'decode'].flatMap((step) => samples.map((sample) => codecRow(sample, step))),
);
print('Bytes', ['', 'membrane', 'JSON', 'ratio'], samples.map(sizeRow));
print(
  'Ours alone',
  ['', 'native', 'wasm'],
  plainRows(['refresh: ', 'broadcast: ', 'handshake: ', 'record: ', 'signal: ']),
);
console.log(`\nrecords verified: ${perSecond('record: decode and verify')}`);
spreads.sort((a, b) => a - b);
const percent = (share) => `${(100 * spreads[Math.floor(share * (spreads.length - 1))]).toFixed(0)} %`;
console.log(
  `spread (median above the lower quartile shown): ${percent(0.5)} for half of the figures, ${percent(0.9)} for nine tenths`,
);
