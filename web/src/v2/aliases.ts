import { clearTable, table } from "./page.js";

/**
 * The three tables between hidden aliases (peer ids) and the names that people see.
 *
 * Display names are not unique: the second peer called `Ada` is shown as `Ada (1)`, the third as
 * `Ada (2)`. A peer keeps its shown name while it lives and keeps its display name; a name that
 * became free is given out again.
 *
 * Names are text from strangers: the tables have no prototype, and whoever puts a name into a page
 * must escape it. Bounded by the map, whose peers these are, and by the core's limit on a name's
 * length.
 */
export class Aliases {
  /** Hidden alias → shown name. */
  readonly hiddenAliasLookup = table<string>();
  /** Shown name → hidden alias. */
  readonly pubAliasLookup = table<string>();
  /** Shown name → display name, without the number. */
  readonly pubAliasUnparser = table<string>();
  /**
   * Display name → how many hold it, and a number below which all are taken: many equal names cost
   * no search.
   */
  readonly #numbers = new Map<string, { holders: number; free: number }>();

  /** Gives a peer its shown name, or another one when its display name changed. */
  assign(alias: string, name: string): void {
    const shown = this.hiddenAliasLookup[alias];
    if (shown !== undefined) {
      if (this.pubAliasUnparser[shown] === name) return;
      this.release(alias);
    }
    const free = this.#freeName(name);
    this.hiddenAliasLookup[alias] = free;
    this.pubAliasLookup[free] = alias;
    this.pubAliasUnparser[free] = name;
  }

  /** Forgets a peer; its shown name may be given to another. */
  release(alias: string): void {
    const shown = this.hiddenAliasLookup[alias];
    if (shown === undefined) return;
    const name = this.pubAliasUnparser[shown] ?? shown;
    delete this.hiddenAliasLookup[alias];
    delete this.pubAliasLookup[shown];
    delete this.pubAliasUnparser[shown];
    this.#reopen(name, shown);
  }

  /** Forgets everyone. */
  clear(): void {
    clearTable(this.hiddenAliasLookup);
    clearTable(this.pubAliasLookup);
    clearTable(this.pubAliasUnparser);
    this.#numbers.clear();
  }

  #freeName(name: string): string {
    const numbers = this.#numbers.get(name) ?? { holders: 0, free: 0 };
    while (numbered(name, numbers.free) in this.pubAliasLookup) numbers.free += 1;
    numbers.holders += 1;
    this.#numbers.set(name, numbers);
    return numbered(name, numbers.free);
  }

  #reopen(name: string, shown: string): void {
    const numbers = this.#numbers.get(name);
    if (numbers === undefined) return;
    numbers.holders -= 1;
    numbers.free = Math.min(
      numbers.free,
      shown === name ? 0 : Number(shown.slice(name.length + 2, -1)),
    );
    if (numbers.holders === 0) this.#numbers.delete(name);
  }
}

function numbered(name: string, number: number): string {
  return number === 0 ? name : `${name} (${number})`;
}
