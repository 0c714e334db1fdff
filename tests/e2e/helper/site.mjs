/**
 * The folder that the server's static files come from: the hosting page at `/`, the package at
 * `/membrane/`, Nexus at `/nexus/`, our own pages at `/e2e/`, and two copies of the v2 demo at `/seed/` and
 * `/seed-server/`. A copy of its own for each server, so that a build meanwhile changes nothing.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostingFolder, nexusFolder, packageFolder, pagesFolder, seedFolder } from "./paths.mjs";

export class Site {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "membrane-e2e-site-"));
    cpSync(hostingFolder, this.folder, { recursive: true });
    cpSync(packageFolder, join(this.folder, "membrane"), { recursive: true });
    // Browsers ask for it where a page names no icon, and complain when there is none.
    cpSync(join(hostingFolder, "icon.svg"), join(this.folder, "favicon.ico"));
    cpSync(nexusFolder, join(this.folder, "nexus"), { recursive: true });
    cpSync(pagesFolder, join(this.folder, "e2e"), { recursive: true });
  }

  /**
   * The demo's server is at port 8777 in its source; here it is wherever the system put it. The
   * second copy spells the configuration's section as v2's library has it, not as its README has.
   */
  addSeed(port) {
    const html = readFileSync(join(seedFolder, "index.html"), "utf8");
    const script = readFileSync(join(seedFolder, "index.js"), "utf8").replaceAll(
      "//localhost:8777/",
      `//localhost:${port}/`,
    );
    this.#add("seed", html, script);
    this.#add("seed-server", html, script.replaceAll('"serverLink.', '"server.'));
  }

  #add(name, html, script) {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "index.html"), html);
    writeFileSync(join(folder, "index.js"), script);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
