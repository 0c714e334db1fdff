// The examples in apps/examples, used as a person would: the plain page and the one in React talk.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vite from "vite";
import { examplesFolder, packageFolder } from "./helper/paths.mjs";
import { scenario } from "./helper/scenario.mjs";
import { serveFolder } from "./helper/serve_folder.mjs";
import { until } from "./helper/until.mjs";

const shown = (tab) => tab.run(() => document.body.innerText);

async function shows(tab, ...texts) {
  const all = async () => {
    const text = await shown(tab);
    return texts.every((each) => text.includes(each));
  };
  await until(`${tab.name} shows ${texts}`, all, { within_ms: 15_000, state: () => shown(tab) });
}

async function says(tab, text) {
  await tab.page.type("input[name=text]", text);
  await tab.page.keyboard.press("Enter");
}

scenario("the plain page and the one in React are in one network and talk", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "membrane-e2e-examples-"));
  const server = await world.server();
  const query = (name) => `?server=${encodeURIComponent(server.address)}&name=${name}`;
  let site;
  try {
    cpSync(join(examplesFolder, "plain"), join(folder, "plain"), { recursive: true });
    cpSync(packageFolder, join(folder, "membrane"), { recursive: true });
    await vite.build({
      root: join(examplesFolder, "react"),
      base: "./",
      logLevel: "error",
      build: { outDir: join(folder, "react"), emptyOutDir: true },
    });
    site = await serveFolder(folder);
    const plain = await world.open(`${site.url}plain/index.html${query("Ada")}`, { name: "plain" });
    await shows(plain, "You are Ada, one of 1.");
    const react = await world.open(`${site.url}react/index.html${query("Bob")}`, { name: "React" });
    await shows(plain, "You are Ada, one of 2.", "Bob");
    await shows(react, "You are Bob, one of 2.", "Ada");
    await says(plain, "hello from a plain page");
    for (const tab of [plain, react]) await shows(tab, "Ada: hello from a plain page");
    await says(react, "hello from React");
    for (const tab of [plain, react]) await shows(tab, "Bob: hello from React");
    await react.closeTab();
    await shows(plain, "You are Ada, one of 1.");
  } finally {
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

scenario("an example whose server is away says so", async (world) => {
  world.expectLostSockets();
  world.expectComplaint(/^uncaught: .*does not answer/s); // the example throws on what it has shown
  const folder = mkdtempSync(join(tmpdir(), "membrane-e2e-examples-"));
  let site;
  try {
    cpSync(join(examplesFolder, "plain"), folder, { recursive: true });
    cpSync(packageFolder, join(folder, "membrane"), { recursive: true });
    site = await serveFolder(folder);
    const tab = await world.open(`${site.url}?server=ws://127.0.0.1:9`, { name: "plain" });
    await shows(tab, "Not joined: ");
  } finally {
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
