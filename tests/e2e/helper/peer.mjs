import { usual } from "./browser.mjs";

/** One tab with a page of ours in it. Whatever it complains about is kept for its scenario. */

export class Peer {
  /** Console errors and what no one caught. */
  complaints = [];
  id = "";
  name;
  page;

  static async open(browser, url, name, options) {
    const peer = new Peer();
    peer.name = name;
    peer.page = await browser.newPage(options);
    peer.page.on("pageerror", (error) =>
      peer.complaints.push(`uncaught: ${error?.stack ?? error}`),
    );
    peer.page.on("console", (message) => {
      const { url = "" } = message.location();
      if (message.type() === "error") peer.complaints.push(`console: ${message.text()} ${url}`);
    });
    await peer.page.goto(url);
    return peer;
  }

  /** Loads a page of `pages/peer.html` and joins; gives when it began and had joined. */
  async join(server, options = {}) {
    const joined = await this.run(
      (address, settings) => globalThis.e2e.join(address, settings),
      server.address,
      { name: this.name, ...options },
    );
    this.id = joined.id;
    return joined;
  }

  run(work, ...values) {
    return this.page.evaluate(work, ...values);
  }

  view() {
    return this.run(() => globalThis.e2e.view());
  }

  connect(id, options) {
    return this.run((to, how) => globalThis.e2e.connect(to, how), id, options);
  }

  /** So that nobody looks at it: Chromium's window is minimized, Firefox has another tab before it. */
  async hide() {
    if (usual === "firefox") {
      const other = await this.page.browser().newPage();
      await other.bringToFront();
    } else {
      await this.#minimize();
    }
    await this.page.waitForFunction(() => document.visibilityState === "hidden", { polling: 50 });
  }

  async #minimize() {
    const session = await this.page.createCDPSession();
    // By default puppeteer lets every tab believe that it is looked at.
    await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
    const { windowId } = await session.send("Browser.getWindowForTarget");
    await session.send("Browser.setWindowBounds", {
      windowId,
      bounds: { windowState: "minimized" },
    });
  }

  /** Closes the tab as a user does: the page is told that it goes. */
  async closeTab() {
    const closed = new Promise((resolve) => this.page.once("close", resolve));
    await this.page.close({ runBeforeUnload: true });
    await closed;
  }
}
