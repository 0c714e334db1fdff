/**
 * Talks as they are kept: in this browser's IndexedDB when the user wants to be remembered, else as
 * long as the page is open.
 *
 * A talk is between two keys, so each entry is kept for the key that had the talk. Tabs that are open
 * together are peers with a key each: none reads or trims what is another's, and what all of them hear
 * is not there twice.
 *
 * Bounds: `entriesMax` entries a peer, the oldest go; a file above `fileBytesMax` is kept only as
 * long as the page is open.
 */
import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, deleteDB, openDB } from "idb";

export interface KeptFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** What was received, or what we sent; absent when it was too large to keep. */
  readonly content?: Blob;
}

/** One thing that was said. */
export interface Entry {
  readonly key: string;
  /** The peer's id, or `everyone`. */
  readonly talk: string;
  /** `Date.now()` when it was said or heard. */
  readonly at: number;
  /** Who said it: an id, and how they called themselves then. */
  readonly from: string;
  readonly name?: string;
  readonly text?: string;
  readonly file?: KeptFile;
  /** It is not known to have got there. */
  readonly waiting?: boolean | undefined;
  /** Why it did not get there. */
  readonly failed?: string;
}

interface Kept extends Entry {
  /** Whose talk it is: the id that we had. */
  readonly owner: string;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Kept; indexes: { talk: [string, string, number] } };
}

/** The talk with everyone, by the topic of this name; others are called by the peer's id. */
export const everyone = "everyone";
export const entriesMax = 1_000;
const fileBytesMax = 64 * 1024 * 1024;
type WritableEntries = IDBPObjectStore<Schema, ["entries"], "entries", "readwrite">;

const databaseName = "membrane-nexus";
/** The first did not say whose the talks were; it was never released. */
const version = 2;

export class History {
  readonly #database: Promise<IDBPDatabase<Schema> | undefined>;
  readonly #owner: string;
  readonly #everyone: string;
  readonly #onFailed: () => void;
  /** It failed and was told of, or nobody wants to know any more. */
  #isOver = false;

  /**
   * What is kept for this id, and of the talk with everyone in this place; for none, one that keeps
   * nothing. `failed` is called once, when something cannot be kept.
   */
  constructor(
    kept?: { readonly owner: string; readonly place: string },
    failed: () => void = () => undefined,
  ) {
    this.#owner = kept?.owner ?? "";
    this.#everyone = `${everyone} ${kept?.place}`;
    this.#onFailed = failed;
    this.#database = kept === undefined ? Promise.resolve(undefined) : open();
  }

  /** All entries, oldest first, by talk. */
  async load(): Promise<Map<string, Entry[]>> {
    const talks = new Map<string, Entry[]>();
    await this.#attempt(async (database) => {
      const all = IDBKeyRange.bound([this.#owner], [this.#owner, []]);
      for (const { owner: _, ...kept } of await database.getAllFromIndex("entries", "talk", all)) {
        const isEveryone = kept.talk === everyone || kept.talk.startsWith(`${everyone} `);
        if (isEveryone && kept.talk !== this.#everyone) continue; // of another network
        const entry = kept.talk === this.#everyone ? { ...kept, talk: everyone } : kept;
        const talk = talks.get(entry.talk);
        if (talk === undefined) talks.set(entry.talk, [entry]);
        else talk.push(entry);
      }
    });
    return talks;
  }

  /** Keeps an entry, or what has become of it. */
  async put(entry: Entry): Promise<void> {
    const { file } = entry;
    const kept =
      file === undefined || file.size <= fileBytesMax
        ? entry
        : { ...entry, file: { name: file.name, type: file.type, size: file.size } };
    await this.#attempt(async (database) => {
      const putting = database.transaction("entries", "readwrite");
      const put = putting.store.put({ ...kept, talk: this.#kept(entry.talk), owner: this.#owner });
      putting.commit(); // now, so that it is kept even if the page closes next
      await Promise.all([put, putting.done]);
      // In one transaction, so that two that are put at once do not both make room for both.
      const trimming = database.transaction("entries", "readwrite");
      await this.#trim(trimming.store, entry.talk);
      await trimming.done;
    });
  }

  async remove(key: string): Promise<void> {
    await this.#attempt((database) => database.delete("entries", key));
  }

  async removeTalk(talk: string): Promise<void> {
    await this.#attempt(async (database) => {
      for (const key of await database.getAllKeysFromIndex("entries", "talk", this.#rangeOf(talk)))
        await database.delete("entries", key);
    });
  }

  close(): void {
    this.#isOver = true;
    void this.#database.then((database) => database?.close());
  }

  async #trim(store: WritableEntries, talk: string): Promise<void> {
    const range = this.#rangeOf(talk);
    const index = store.index("talk");
    const surplus = (await index.count(range)) - entriesMax;
    if (surplus <= 0) return;
    for (const key of await index.getAllKeys(range, surplus)) await store.delete(key);
  }

  #rangeOf(talk: string): IDBKeyRange {
    const kept = this.#kept(talk);
    return IDBKeyRange.bound([this.#owner, kept, 0], [this.#owner, kept, Infinity]);
  }

  /** Under which name a talk is kept: each network has an everyone of its own. */
  #kept(talk: string): string {
    return talk === everyone ? this.#everyone : talk;
  }

  /** A database that is full or gone costs the history, never the talk. */
  async #attempt(work: (database: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    const database = await this.#database;
    if (database === undefined) return;
    try {
      await work(database);
    } catch (error) {
      if (this.#isOver) return;
      this.#isOver = true;
      console.warn("nexus: the history could not be read or written", error);
      this.#onFailed();
    }
  }
}

/** All talks of all keys, for good. Pages that have it open let go of it. */
export function removeHistory(): Promise<void> {
  return deleteDB(databaseName);
}

/** Undefined where there is no database, as in private windows of some browsers. */
async function open(): Promise<IDBPDatabase<Schema> | undefined> {
  try {
    return await openDB<Schema>(databaseName, version, {
      upgrade: (database, before) => {
        if (before > 0) database.deleteObjectStore("entries");
        database
          .createObjectStore("entries", { keyPath: "key" })
          .createIndex("talk", ["owner", "talk", "at"]);
      },
      // A tab with a newer page, or one that removes the history, waits for us otherwise.
      blocking: (_before, _after, event) => (event.target as IDBDatabase).close(),
    });
  } catch {
    return undefined;
  }
}
