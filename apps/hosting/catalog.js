/**
 * Who publishes what, as the authors themselves announced it: the origin of each list is proved, so
 * nobody lists pages in another's name. Bounded by `authorsMax` authors with `pagesMax` names each.
 */
import { authorsMax, pageNameCharactersMax, pagesMax } from "./limits.js";

export class Catalog {
  #lists = new Map();

  /** Takes an author's list; true when it changed anything. Older lists than the known are late. */
  learn(author, { version, pages }) {
    const known = this.#lists.get(author);
    if (!Number.isFinite(version) || !Array.isArray(pages)) return false;
    if (known === undefined ? this.#lists.size >= authorsMax : known.version >= version)
      return false;
    const names = [...new Set(pages.filter(isName))].slice(0, pagesMax);
    this.#lists.set(author, { version, names });
    return String(names) !== String(known?.names ?? []);
  }

  names(author) {
    return this.#lists.get(author)?.names ?? [];
  }

  forget(author) {
    this.#lists.delete(author);
  }

  clear() {
    this.#lists.clear();
  }
}

function isName(name) {
  return typeof name === "string" && name !== "" && name.length <= pageNameCharactersMax;
}
