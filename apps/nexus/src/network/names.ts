/** What those whom we met called themselves, for when they are not here any more. */

/** Of more the oldest are forgotten. */
const namesMax = 10_000;

export class Names {
  readonly #names = new Map<string, string>();

  learn(id: string, name: string | undefined): void {
    if (name === undefined || name === "") return;
    this.#names.delete(id); // it becomes the newest
    this.#names.set(id, name);
    const oldest = this.#names.keys().next();
    if (this.#names.size > namesMax && !oldest.done) this.#names.delete(oldest.value);
  }

  get(id: string): string | undefined {
    return this.#names.get(id);
  }
}
