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
  /** Who said it: an id. */
  readonly from: string;
  readonly text?: string;
  readonly file?: KeptFile;
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

export const entriesMax = 1_000;
const fileBytesMax = 64 * 1024 * 1024;
type WritableEntries = IDBPObjectStore<Schema, ["entries"], "entries", "readwrite">;

const databaseName = "membrane-nexus";
/** The first did not say whose the talks were; it was never released. */
const version = 2;

export class History {
  readonly #database: Promise<IDBPDatabase<Schema> | undefined>;
  readonly #owner: string;

  /** What is kept for this id; for none, one that keeps nothing. */
  constructor(owner?: string) {
    this.#owner = owner ?? "";
    this.#database = owner === undefined ? Promise.resolve(undefined) : open();
  }

  /** All entries, oldest first, by talk. */
  async load(): Promise<Map<string, Entry[]>> {
    const talks = new Map<string, Entry[]>();
    await this.#attempt(async (database) => {
      const all = IDBKeyRange.bound([this.#owner], [this.#owner, []]);
      for (const { owner: _, ...entry } of await database.getAllFromIndex("entries", "talk", all)) {
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
      void putting.store.put({ ...kept, owner: this.#owner });
      putting.commit(); // now, so that it is kept even if the page closes next
      await putting.done;
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
    return IDBKeyRange.bound([this.#owner, talk, 0], [this.#owner, talk, Infinity]);
  }

  /** A database that is full or gone costs the history, never the talk. */
  async #attempt(work: (database: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    const database = await this.#database;
    if (database === undefined) return;
    try {
      await work(database);
    } catch (error) {
      console.warn("nexus: the history could not be read or written", error);
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
