// Runs scenarios over several seeds and prints, as a table in Markdown, the worst of each figure that a scenario bounds.
// Usage: node sim/figures.mjs BINARY [--peers N] [--seeds FIRST-LAST] [SCENARIO ...]

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const folder = new URL('scenarios/', import.meta.url);
const standard = [
  'quiet', 'burst', 'churn', 'crash50', 'crash80', 'crash80_server', 'partition', 'nat', 'sleep', 'flood', 'liars',
  'connect',
];

function fail(text) {
  console.error(`figures: ${text}`);
  process.exit(2);
}

function readArguments([binary, ...rest]) {
  const out = { binary, peers: undefined, first: 1, last: 5, scenarios: [] };
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === '--peers') {
      out.peers = Number(rest.shift());
      if (!Number.isInteger(out.peers) || out.peers < 2) fail('--peers needs a number');
    } else if (word === '--seeds') {
      const range = /^(\d+)(?:-(\d+))?$/.exec(rest.shift() ?? '');
      if (!range) fail('--seeds needs FIRST-LAST, as in 1-5');
      out.first = Number(range[1]);
      out.last = Number(range[2] ?? range[1]);
    } else if (word.startsWith('--')) {
      fail(`there is no option ${word}`);
    } else {
      out.scenarios.push(word);
    }
  }
  if (out.scenarios.length === 0) out.scenarios = standard;
  return out;
}

/** The report, and the violations in words. What is no bound that was missed is an error. */
function run({ binary, peers }, scenario, seed) {
  const words = [scenario, '--seed', String(seed), '--json'];
  if (peers !== undefined) words.push('--peers', String(peers));
  const { status, stdout, stderr, error } = spawnSync(binary, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error || (status !== 0 && status !== 1)) fail(`${scenario}, seed ${seed}: ${error ?? stderr}`);
  return JSON.parse(stdout);
}

function figureOf(report, name) {
  const value = name.split('.').reduce((at, key) => at?.[key], report);
  return typeof value === 'number' ? value : undefined;
}

function readBound([figure, text]) {
  const [relation, mark] = text.split(' ');
  return { figure, relation, mark: Number(mark) };
}

function distance(value, { relation, mark }) {
  if (value === undefined) return Infinity; // not measured: nothing is worse
  if (relation === '<=') return value - mark;
  if (relation === '>=') return mark - value;
  return Math.abs(value - mark);
}

/** Of several values the one that is worst by a bound. */
function worst(values, bound) {
  return values.reduce((a, b) => (distance(b, bound) > distance(a, bound) ? b : a));
}

const holds = (value, bound) => distance(value, bound) <= 0;

function show(value) {
  if (value === undefined) return 'none';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) > 0.9 && Math.abs(value) < 1 ? 5 : 3 });
}

const signs = { '<=': '≤', '>=': '≥', '=': '=' };

function rows(name, bounds, reports) {
  return bounds.map((bound) => {
    const value = worst(reports.map((report) => figureOf(report, bound.figure)), bound);
    const mark = `${signs[bound.relation]} ${show(bound.mark)}`;
    const verdict = holds(value, bound) ? 'holds' : '**missed**';
    return `| ${name} | ${reports[0].peers.toLocaleString('en')} | ${bound.figure} | ${show(value)} | ${mark} | ${verdict} |`;
  });
}

const options = readArguments(process.argv.slice(2));
const seeds = Array.from({ length: options.last - options.first + 1 }, (_, at) => options.first + at);
console.log('| scenario | peers | figure | worst | mark | |\n|---|---|---|---|---|---|');
let missed = 0;
for (const scenario of options.scenarios) {
  const { must = {} } = JSON.parse(readFileSync(new URL(`${scenario}.json`, folder), 'utf8'));
  const bounds = [...Object.entries(must).map(readBound), { figure: 'violations', relation: '=', mark: 0 }];
  const reports = seeds.map((seed) => {
    const report = run(options, scenario, seed);
    const broken = bounds.filter((bound) => !holds(figureOf(report, bound.figure), bound));
    const list = broken.map(({ figure }) => `${figure} is ${show(figureOf(report, figure))}`).join(', ');
    console.error(`${scenario}, seed ${seed}: ${report.wall_s.toFixed(0)} s${list && `, ${list}`}`);
    return report;
  });
  const lines = rows(scenario, bounds, reports);
  missed += lines.filter((line) => line.includes('**')).length;
  console.log(lines.join('\n'));
}
const count = seeds.length === 1 ? `seed ${options.first}` : `seeds ${options.first} to ${options.last}`;
console.log(`\nThe worst of ${count}; ${missed === 0 ? 'all marks hold' : `${missed} missed`}.`);
process.exitCode = missed === 0 ? 0 : 1;
