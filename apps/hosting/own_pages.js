/**
 * Our own pages. They live in this tab alone; a reload keeps them, closing the tab ends them.
 * Bounded by `pagesMax` and `pageCharactersMax`; the browser's own quota may be smaller.
 */
import { pageCharactersMax, pageNameCharactersMax, pagesMax } from "./limits.js";

const key = "membrane-hosting-pages";

export class OwnPages {
  #pages = new Map();

  constructor() {
    try {
      for (const [name, html] of JSON.parse(sessionStorage.getItem(key) ?? "[]")) {
        this.#pages.set(String(name), String(html));
      }
    } catch {
      // What another version stored, or no storage at all: the tab begins with no pages.
    }
  }

  get names() {
    return [...this.#pages.keys()];
  }

  get(name) {
    return this.#pages.get(name);
  }

  /** Adds or replaces a page; throws an error whose message can be shown. */
  set(name, html) {
    if (name === "" || name.length > pageNameCharactersMax) {
      throw new Error(`A page's name has 1 to ${pageNameCharactersMax} characters.`);
    }
    if (html.length > pageCharactersMax) {
      throw new Error(`A page has at most ${pageCharactersMax.toLocaleString()} characters.`);
    }
    if (!this.#pages.has(name) && this.#pages.size >= pagesMax) {
      throw new Error(`A tab publishes at most ${pagesMax} pages. Withdraw one first.`);
    }
    this.#pages.set(name, html);
    this.#store();
  }

  delete(name) {
    this.#pages.delete(name);
    this.#store();
  }

  #store() {
    try {
      sessionStorage.setItem(key, JSON.stringify([...this.#pages]));
    } catch {
      // Over the browser's quota: the pages are still published, a reload will miss them.
    }
  }
}
