/**
 * A Chromium or Firefox with a fresh profile, in a process group of its own, so that it can be ended as a
 * whole: by its owner, by us when we fail, or by a test that wants to see it vanish.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { atExit } from "./at_exit.mjs";
import { bareChromiumProgram, chromiumProgram, firefoxProgram } from "./paths.mjs";

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Hidden tabs and covered windows run at full speed: a test drives many tabs at once and only one of
 * them is in front. puppeteer sets the same; `throttled` takes them all away.
 */
const unthrottled = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** What Firefox does by itself and no test wants. */
const firefoxSettings = {
  "app.update.auto": false,
  "browser.startup.homepage": "about:blank",
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
};

/** The same for Firefox as `unthrottled` for Chromium. */
const firefoxUnthrottled = {
  "dom.min_background_timeout_value": 4,
  "dom.timeout.enable_budget_timer_throttling": false,
};

/** Which one a test gets that does not say. */
export const usual = process.env.E2E_BROWSER ?? "chromium";

/** How long the browser may take for anything that it is told to do. */
const answerMax_ms = 30_000;

const asFirefox = (throttled) => ({
  browser: "firefox",
  executablePath: firefoxProgram,
  extraPrefsFirefox: throttled ? firefoxSettings : { ...firefoxSettings, ...firefoxUnthrottled },
});

const asChromium = (throttled, bare) => ({
  browser: "chrome",
  executablePath: bare ? bareChromiumProgram : chromiumProgram,
  args: throttled ? quiet : [...quiet, ...unthrottled],
  ignoreDefaultArgs: throttled ? unthrottled : [],
});

export class Browser {
  kind;
  #profile = mkdtempSync(join(tmpdir(), "membrane-e2e-profile-"));
  #puppet;
  #notAtExit;

  /** `bare`: Chromium without its windows, whose first tab is there three times as soon. */
  static async start({ kind = usual, throttled = false, bare = false } = {}) {
    const browser = new Browser();
    browser.kind = kind;
    browser.#puppet = await puppeteer.launch({
      headless: true,
      userDataDir: browser.#profile,
      protocolTimeout: answerMax_ms,
      ...(kind === "firefox" ? asFirefox(throttled) : asChromium(throttled, bare)),
    });
    browser.#notAtExit = atExit(() => browser.#killGroup());
    return browser;
  }

  /** A tab; of a profile of its own when `apart`, sharing nothing with the others. */
  async newPage({ apart = false } = {}) {
    const place = apart ? await this.newProfile() : this.#puppet;
    return place.newPage();
  }

  newProfile() {
    return this.#puppet.createBrowserContext();
  }

  /** Ends every process of pages, but neither the browser nor its network service. */
  killRenderers() {
    const isRenderer = this.kind === "firefox" ? /-contentproc .* tab$/ : /--type=renderer/;
    const renderers = this.#processes().filter(({ command }) => isRenderer.test(command));
    for (const { id } of renderers) process.kill(id, "SIGKILL");
    return renderers.length;
  }

  /** Those of its group, with their command lines. */
  #processes() {
    const found = [];
    for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        // Behind the name, which may hold anything: state, parent, group.
        const [, , group] = readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
        if (Number(group) !== this.#puppet.process().pid) continue;
        const command = readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        found.push({ id: Number(id), command });
      } catch {
        // It has ended meanwhile.
      }
    }
    return found;
  }

  /**
   * Its machine sleeps: every process of it stops in the middle of what it does. Until it wakes
   * nothing in it answers.
   */
  sleep() {
    process.kill(-this.#puppet.process().pid, "SIGSTOP");
  }

  wake() {
    process.kill(-this.#puppet.process().pid, "SIGCONT");
  }

  /** Everything of it ends in the middle of what it does. */
  async kill() {
    const gone = this.hasEnded ? null : once(this.#puppet.process(), "exit");
    this.#killGroup();
    await gone;
    await this.#clean();
  }

  async close() {
    if (!this.hasEnded) await this.kill();
  }

  get hasEnded() {
    const { exitCode, signalCode } = this.#puppet.process();
    return exitCode !== null || signalCode !== null;
  }

  #killGroup() {
    try {
      process.kill(-this.#puppet.process().pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  async #clean() {
    this.#notAtExit();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/**
 * A fresh profile in a browser that this process starts once: for whoever opens tabs and does nothing
 * to the browser itself. Starting one takes a second of both cores.
 */
export class SharedBrowser {
  static #browser;
  #profiles = [];

  static async open() {
    const last = SharedBrowser.#browser;
    const crashed = (await last)?.hasEnded;
    if (crashed && last === SharedBrowser.#browser) SharedBrowser.#browser = undefined;
    SharedBrowser.#browser ??= Browser.start({ bare: true });
    const shared = new SharedBrowser();
    await shared.#addProfile();
    return shared;
  }

  /** Whoever comes next gets another one. */
  static async end() {
    const browser = SharedBrowser.#browser;
    SharedBrowser.#browser = undefined;
    await (await browser)?.close();
  }

  /** A tab; of a further profile when `apart`. */
  async newPage({ apart = false } = {}) {
    const profile = apart ? await this.#addProfile() : this.#profiles[0];
    return profile.newPage();
  }

  async close() {
    await Promise.all(this.#profiles.map((profile) => profile.close()));
  }

  async #addProfile() {
    const profile = await (await SharedBrowser.#browser).newProfile();
    this.#profiles.push(profile);
    return profile;
  }
}
