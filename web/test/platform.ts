/** What browsers have and Node.js 18, that of Debian 12, has elsewhere or not at all. */
import { webcrypto } from "node:crypto";

class DetailedEvent<Detail> extends Event {
  readonly detail: Detail | null;

  constructor(type: string, init: CustomEventInit<Detail> = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

const given: Record<string, unknown> = { crypto: webcrypto, CustomEvent: DetailedEvent };
for (const [name, value] of Object.entries(given)) {
  if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
}
