/**
 * Texts on their way to one peer, over as many sessions as it takes: a session may break with texts in
 * it that never got there, as when the other machine fell asleep. So each side counts the texts that it
 * has heard and tells the other, when a session begins and after each text. What a broken session had
 * not brought is sent again over the next one, in order, and nothing twice.
 *
 * Always: `#letters` are texts that the other side has not said to have heard, oldest first. Texts leave
 * one after the other, so the session brings them in this order.
 *
 * A peer that runs something else than Nexus gives no receipts: what has left counts as heard there.
 *
 * Bounds: `lettersMax` unheard texts; of more the oldest count as heard.
 */
import { type Signal, signal } from "@preact/signals";
import type { Session } from "membrane";

interface Letter {
  readonly key: string;
  readonly text: string;
  /** What it has left over. */
  session: Session | undefined;
  /** Deleted by who said it: it leaves no more. */
  withdrawn: boolean;
}

/** A receipt is a message of five bytes: this one, and the count. */
const receiptMark = 1;
const receiptBytes = 5;
const lettersMax = 1_000;

export class Delivery {
  readonly #heard: (keys: string[]) => void;
  /** Keys of the texts that have not been heard. */
  readonly unheard: Signal<ReadonlySet<string>> = signal(new Set());
  #letters: Letter[] = [];
  /** Texts that the other side has heard, as it counts. */
  #heardThere = 0;
  #heardHere = 0;
  #session: Session | undefined;
  /** The other side gives receipts. */
  #givesReceipts = false;
  /** It is known in this session what the other side has heard before. */
  #begun = false;
  #sending = false;

  /** `heard` is called with the keys of texts that have got there, or are not waited for any more. */
  constructor(heard: (keys: string[]) => void) {
    this.#heard = heard;
  }

  say(key: string, text: string): void {
    if (this.#letters.length >= lettersMax) {
      this.#letters.shift();
      this.#heardThere += 1;
    }
    this.#letters.push({ key, text, session: undefined, withdrawn: false });
    this.#changed();
    void this.#pump();
  }

  withdraw(key: string): void {
    const letter = this.#letters.find((each) => each.key === key);
    if (letter !== undefined) letter.withdrawn = true;
  }

  /** Goes on over a new session. */
  begin(session: Session): void {
    this.#session = session;
    this.#begun = !this.#givesReceipts;
    if (!this.#givesReceipts) {
      this.#letters = this.#letters.filter((letter) => letter.session === undefined);
      this.#changed();
    }
    this.#tell();
    void this.#pump();
  }

  /** The session is over; another may come. */
  pause(): void {
    this.#session = undefined;
  }

  /** No other session comes for these: gives the keys of what did not get there, and begins anew. */
  stop(): string[] {
    const lost = this.#letters.filter(
      ({ session, withdrawn }) => !withdrawn && (session === undefined || this.#givesReceipts),
    );
    this.#letters = [];
    this.#heardThere = this.#heardHere = 0;
    this.#session = undefined;
    this.#givesReceipts = false;
    this.#changed();
    return lost.map(({ key }) => key);
  }

  /** A text came from the other side. */
  heard(): void {
    this.#heardHere += 1;
    this.#tell();
  }

  /** Bytes came from the other side. */
  take(data: Uint8Array): void {
    if (data.length !== receiptBytes || data[0] !== receiptMark || this.#session === undefined) return;
    const count = new DataView(data.buffer, data.byteOffset).getUint32(1);
    const isFirst = !this.#begun || !this.#givesReceipts;
    // The first one of a session was written before anything came over it.
    const heardMax = isFirst
      ? this.#letters.filter(({ session }) => session !== this.#session).length
      : this.#letters.length;
    const heard = count - this.#heardThere;
    // A count that does not fit is that of a page that has begun anew.
    if (heard > 0 && heard <= heardMax) this.#letters.splice(0, heard);
    this.#heardThere = count;
    this.#givesReceipts = this.#begun = true;
    this.#changed();
    void this.#pump();
  }

  #tell(): void {
    const receipt = new Uint8Array(receiptBytes);
    receipt[0] = receiptMark;
    new DataView(receipt.buffer).setUint32(1, this.#heardHere);
    void this.#session?.send(receipt).catch(() => undefined); // it ends: the next one begins so
  }

  async #pump(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (let letter = this.#next(); letter !== undefined; letter = this.#next()) {
      const session = (letter.session = this.#session);
      await session?.send(letter.text).catch(() => undefined); // it ends: the next one brings it
    }
    this.#sending = false;
  }

  #next(): Letter | undefined {
    const session = this.#session;
    if (session === undefined || !this.#begun) return undefined;
    this.#letters = this.#letters.filter((each) => !each.withdrawn || each.session === session);
    return this.#letters.find((each) => each.session !== session);
  }

  #changed(): void {
    const before = this.unheard.value;
    const now = new Set(this.#letters.map(({ key }) => key));
    this.unheard.value = now;
    const heard = [...before].filter((key) => !now.has(key));
    if (heard.length > 0) this.#heard(heard);
  }
}
