/**
 * What a page sees of a network of sixteen tabs in one browser, with ratios against the figures that
 * version 2.1.4 of the library had on the same kind of machine, and the marks this one is to reach.
 * Three rounds (or as many as the argument says); each figure is the median of the rounds' own.
 */
import { cpus, loadavg } from "node:os";
import { median, percentile } from "./statistics.mjs";
import { round } from "./round.mjs";

const roundsDefault = 3;

/** `v2` and `mark` are p50 in milliseconds. */
const figures = [
  { name: "firstLink", title: "init → first link", v2: 159, mark: 60 },
  { name: "firstLinkBackToBack", title: "the same, joining back to back", v2: 159, mark: 60 },
  { name: "whole", title: "last join → whole maps everywhere, for good", v2: 560, mark: 500 },
  { name: "wholeBackToBack", title: "the same, joining back to back", v2: 560, mark: 500 },
  { name: "broadcast", title: "broadcast to each peer", v2: 86, mark: 10 },
  { name: "session", title: "session with a non-neighbour", v2: 151, mark: 50 },
  { name: "link", title: "link to a non-neighbour", v2: 151, mark: 50 },
];

/** The share of a second during which the machine's cores had nothing to do. */
async function idleShare() {
  const times = () =>
    cpus().reduce(
      ([idle, all], { times }) => [
        idle + times.idle,
        all + Object.values(times).reduce((sum, time) => sum + time),
      ],
      [0, 0],
    );
  const [idle, all] = times();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [idleAfter, allAfter] = times();
  return (idleAfter - idle) / (allAfter - all);
}

const count = Number(process.argv[2] ?? roundsDefault);
if (!(count >= 1)) throw new Error("the argument is a number of rounds");
console.log(`16 tabs in one Chromium, ${cpus().length} cores, ${count} rounds; milliseconds`);
const rounds = [];
for (let i = 1; i <= count; i++) {
  const idle = await idleShare();
  const result = await round();
  rounds.push(result);
  const p50 = figures.map(({ name }) => percentile(result[name], 0.5).toFixed(1));
  const machine = `${Math.round(idle * 100)} % idle before, load ${loadavg()[0].toFixed(1)}`;
  console.log(`round ${i}: p50 ${p50.join(", ")}; ${result.edges} edges; machine ${machine}`);
}

console.log(
  `\n| | p50 | p95 | mark (p50) | | v2 (p50) | v2 / this |\n|---|---|---|---|---|---|---|`,
);
for (const { name, title, v2, mark } of figures) {
  const of = (share) => median(rounds.map((result) => percentile(result[name], share)));
  const p50 = of(0.5);
  const verdict = p50 <= mark ? "reached" : "missed";
  const cells = [
    title,
    p50.toFixed(1),
    of(0.95).toFixed(1),
    mark,
    verdict,
    v2,
    (v2 / p50).toFixed(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
