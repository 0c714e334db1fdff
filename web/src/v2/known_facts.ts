import { knownCharactersMax, knownFactsMax } from "./limits.js";

/** A fact of gossip: whatever object its publisher chose. */
export type Fact = Record<string, unknown>;

/**
 * Which facts of one gossip type were seen before. Two facts are the same when all their identifier
 * fields are; with no identifier fields, when they are equal as a whole.
 *
 * Bounded by `knownFactsMax` and `knownCharactersMax`: the oldest are forgotten, and such a fact
 * would be new again.
 */
export class KnownFacts {
  readonly #fields: readonly string[];
  readonly #keys = new Set<string>();
  #characters = 0;

  constructor(identifierFields: readonly string[]) {
    this.#fields = identifierFields;
  }

  /** Remembers a fact; true when it was not known. */
  add(fact: Fact): boolean {
    const key = this.#keyOf(fact);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    this.#characters += key.length;
    this.#forget();
    return true;
  }

  /** The fact cut down to its identifier fields. */
  cut(fact: Fact): Fact {
    if (this.#fields.length === 0) return { ...fact };
    return Object.fromEntries(this.#own(fact).map((field) => [field, fact[field]]));
  }

  #own(fact: Fact): string[] {
    return this.#fields.filter((field) => Object.hasOwn(fact, field));
  }

  #keyOf(fact: Fact): string {
    if (this.#fields.length === 0) return JSON.stringify(fact);
    return JSON.stringify(
      this.#fields.map((field) => (Object.hasOwn(fact, field) ? [fact[field]] : [])),
    );
  }

  #forget(): void {
    for (const oldest of this.#keys) {
      if (this.#keys.size <= knownFactsMax && this.#characters <= knownCharactersMax) return;
      this.#keys.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
