/**
 * Talks as they are kept: in this browser's IndexedDB when the user wants to be remembered, else as
 * long as the page is open.
 *
 * Bounds: `entriesMax` entries a peer, the oldest go; a file above `fileBytesMax` is kept only as
 * long as the page is open.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";

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

interface Schema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { talk: [string, number] } };
}

export const entriesMax = 1_000;
const fileBytesMax = 64 * 1024 * 1024;

export class History {
  #database: IDBPDatabase<Schema> | undefined;

  /** Opens what is kept; where nothing may be kept, one that keeps nothing. */
  static async open(keep: boolean): Promise<History> {
    const history = new History();
    if (!keep) return history;
    try {
      history.#database = await openDB<Schema>("membrane-nexus", 1, {
        upgrade: (database) =>
          database.createObjectStore("entries", { keyPath: "key" }).createIndex("talk", ["talk", "at"]),
      });
    } catch {
      // Private windows of some browsers have no database.
    }
    return history;
  }

  /** All entries, oldest first, by talk. */
  async load(): Promise<Map<string, Entry[]>> {
    const talks = new Map<string, Entry[]>();
    for (const entry of (await this.#database?.getAllFromIndex("entries", "talk")) ?? []) {
      const talk = talks.get(entry.talk);
      if (talk === undefined) talks.set(entry.talk, [entry]);
      else talk.push(entry);
    }
    return talks;
  }

  /** Keeps an entry, or what has become of it. */
  async put(entry: Entry): Promise<void> {
    const { file } = entry;
    const kept =
      file === undefined || file.size <= fileBytesMax
        ? entry
        : { ...entry, file: { name: file.name, type: file.type, size: file.size } };
    await this.#attempt((database) => database.put("entries", kept));
    await this.#trim(entry.talk);
  }

  async remove(key: string): Promise<void> {
    await this.#attempt((database) => database.delete("entries", key));
  }

  async removeTalk(talk: string): Promise<void> {
    await this.#attempt(async (database) => {
      for (const key of await database.getAllKeysFromIndex("entries", "talk", rangeOf(talk)))
        await database.delete("entries", key);
    });
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  async #trim(talk: string): Promise<void> {
    await this.#attempt(async (database) => {
      const keys = await database.getAllKeysFromIndex("entries", "talk", rangeOf(talk));
      for (const key of keys.slice(0, Math.max(0, keys.length - entriesMax)))
        await database.delete("entries", key);
    });
  }

  /** A database that is full or gone costs the history, never the talk. */
  async #attempt(work: (database: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    if (this.#database === undefined) return;
    try {
      await work(this.#database);
    } catch (error) {
      console.warn("nexus: the history could not be written", error);
    }
  }
}

function rangeOf(talk: string): IDBKeyRange {
  return IDBKeyRange.bound([talk, 0], [talk, Infinity]);
}
