/** Where the things under test are. `./run e2e` builds them. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));

export const serverProgram = at("build/release/server/membrane-server");
export const chromiumProgram = "/usr/bin/chromium";
/** The engine without windows and what belongs to them. */
export const bareChromiumProgram = "/usr/bin/chromium-headless-shell";
export const firefoxProgram = "/usr/bin/firefox-esr";
export const packageFolder = at("web/dist");
export const webFolder = at("web");
export const examplesFolder = at("apps/examples");
export const appFolder = at("tests/e2e/fixtures/app");
export const hostingFolder = at("apps/hosting");
export const nexusFolder = at("apps/nexus/dist");
export const pagesFolder = at("tests/e2e/pages");
export const seedFolder = at("tests/e2e/fixtures/seed");
/** Screenshots and traces, for people to look at. */
export const resultsFolder = at("build/e2e");

for (const path of [serverProgram, chromiumProgram, bareChromiumProgram, packageFolder, nexusFolder]) {
  if (!existsSync(path))
    throw new Error(`${path} is missing: ./run e2e builds what the tests need`);
}
