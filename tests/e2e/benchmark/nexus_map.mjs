/**
 * How smooth Nexus' map is with thousands of peers: frames a second while it is moved and zoomed with
 * the mouse, and what the frame costs in which a peer comes or goes.
 *
 *   ./run bench nexus [PEERS...]      500 and 5,000 by default; each against the first
 *
 * Where there is no graphics card, WebGL is drawn by the processor, as here in headless Chromium.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { median, percentile } from "./statistics.mjs";
import { Browser } from "../helper/browser.mjs";
import { serveFolder } from "../helper/serve_folder.mjs";

const degree = 16;
const changes = 20;
const moving_ms = 4_000;
const counts = process.argv.slice(2).map(Number);
if (counts.length === 0) counts.push(500, 5_000);

const folder = mkdtempSync(join(tmpdir(), "membrane-nexus-graph-"));
const size = "position: fixed; inset: 0";
writeFileSync(
  join(folder, "index.html"),
  `<!doctype html><link rel="icon" href="data:,"><div id="map" style="${size}"></div><script type="module" src="page.js"></script>`,
);
await build({
  entryPoints: [fileURLToPath(new URL("../../../apps/nexus/bench/page.ts", import.meta.url))],
  outfile: join(folder, "page.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  logLevel: "warning",
});
const site = await serveFolder(folder);
const browser = await Browser.start();
try {
  console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)}; ${degree} links a peer`);
  const results = [];
  for (const peers of counts) results.push(await measure(peers));
  console.log("| peers | moved: frames/s, p95 | zoomed: frames/s, p95 | comes or goes: p50, p95 | first frame |");
  console.log("|---|---|---|---|---|");
  for (const result of results) {
    const { peers, moved, zoomed, changed, first } = result;
    const ratio = (of) => `${(of(result) / of(results[0])).toFixed(1)}×`;
    const cells = [
      peers,
      `${rate(moved)}, ${percentile(moved, 0.95).toFixed(0)} ms (${ratio((r) => rate(r.moved))})`,
      `${rate(zoomed)}, ${percentile(zoomed, 0.95).toFixed(0)} ms (${ratio((r) => rate(r.zoomed))})`,
      `${median(changed).toFixed(1)}, ${percentile(changed, 0.95).toFixed(1)} ms (${ratio((r) => median(r.changed))})`,
      `${first.toFixed(0)} ms`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  await browser.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(peers) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 760 });
  await page.goto(site.url);
  await page.waitForFunction(() => "bench" in globalThis);
  const first = await page.evaluate((...how) => globalThis.bench.begin(...how), peers, degree);
  console.error(`${peers}: first frame ${first.toFixed(0)} ms`);
  const changed = [];
  for (let i = 0; i < changes; i++)
    changed.push(await page.evaluate((links) => globalThis.bench.change(links), degree));
  console.error(`${peers}: change ${median(changed).toFixed(1)} ms`);
  await page.mouse.move(640, 380);
  const zoomed = await during(page, (step) => page.mouse.wheel({ deltaY: step % 16 < 8 ? -120 : 120 }));
  await page.mouse.down();
  const moved = await during(page, (step) =>
    page.mouse.move(640 + 200 * Math.sin(step / 10), 380 + 100 * Math.sin(step / 7)),
  );
  await page.mouse.up();
  await page.evaluate(() => globalThis.bench.end());
  await page.close();
  return { peers, first, changed, moved, zoomed };
}

/** Frames while this is done without a pause. */
async function during(page, work) {
  const frames = page.evaluate((duration) => globalThis.bench.frames(duration), moving_ms);
  let over = false;
  void frames.finally(() => (over = true));
  for (let step = 0; !over; step++) await work(step);
  return frames;
}

function rate(times) {
  return ((1_000 * times.length) / times.reduce((sum, time) => sum + time, 0)).toFixed(1);
}
