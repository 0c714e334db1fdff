import { type Signal, signal } from "@preact/signals";
import type { Session } from "membrane";
import { Delivery } from "./delivery.js";
import { entriesMax, type Entry } from "./history.js";

export { everyone } from "./history.js";

/**
 * How it stands: nobody asked, we asked, open, or lost and being sought again.
 */
export type TalkState = "closed" | "asking" | "open" | "lost";

/** A file that is on its way. */
export interface Transfer {
  readonly direction: "to us" | "from us";
  readonly bytes: number;
  readonly size: number;
  readonly cancel: () => void;
}

/** What was said with one peer, and the session it is said over. */
export class Talk {
  readonly state: Signal<TalkState> = signal("closed");
  readonly entries: Signal<readonly Entry[]> = signal([]);
  /** Entries that came while nobody looked. */
  readonly unread = signal(0);
  /** Files on their way, by entry. */
  readonly transfers: Signal<ReadonlyMap<string, Transfer>> = signal(new Map());
  /** Whether it passes through other peers. */
  readonly relayed = signal(false);
  /** Why it is not open. */
  readonly reason = signal("");
  /** What we say, until it is heard. */
  readonly delivery: Delivery;
  /** What is written and not said yet. */
  readonly draft = signal("");
  session: Session | undefined;
  /** Which of the two ended it, or is about to; in words. */
  ending = "";
  /** We ended it while it was lost, of which the other side knows nothing yet. */
  isGivenUp = false;
  /** When we agreed to it last. */
  agreedAt = -Infinity;
  /** When it was lost against both sides' will; until when it is taken up again unasked. */
  lostAt = -Infinity;

  /** `heard`: these texts of ours have got there. */
  constructor(
    readonly id: string,
    heard: (keys: string[]) => void,
  ) {
    this.delivery = new Delivery(heard);
  }

  add(entry: Entry): void {
    this.entries.value = [...this.entries.value, entry].slice(-entriesMax);
  }

  change(key: string, change: Partial<Entry>): Entry | undefined {
    let changed: Entry | undefined;
    this.entries.value = this.entries.value.map((entry) =>
      entry.key === key ? (changed = { ...entry, ...change }) : entry,
    );
    return changed;
  }

  remove(key: string): void {
    this.entries.value = this.entries.value.filter((entry) => entry.key !== key);
  }

  transfer(key: string, transfer: Transfer | undefined): void {
    const transfers = new Map(this.transfers.value);
    if (transfer === undefined) transfers.delete(key);
    else transfers.set(key, transfer);
    this.transfers.value = transfers;
  }
}
