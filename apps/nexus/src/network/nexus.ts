/**
 * Nexus without its looks: one membership, the talks, requests that wait for an answer, and what is
 * told to the user. Views read its signals and call its methods.
 */
import { computed, type Signal, signal } from "@preact/signals";
import {
  type AcceptRequest,
  type IncomingFile,
  Membrane,
  MembraneError,
  type MembraneState,
  type Session,
} from "membrane";
import { rtcConfiguration, type Settings } from "../settings.js";
import { type Entry, History } from "./history.js";
import { becomeFirstTab, keyName } from "./tabs.js";
import { everyone, Talk } from "./talk.js";

/** Somebody wants to talk and waits for our answer. */
export interface Request {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  answer(yes: boolean): void;
}

/** Something the user should know; it stays until it is read. */
export interface Notice {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  /** Whom it is about. */
  readonly id?: string;
}

/** The core waits as long for an answer. */
const requestMax_ms = 60_000;
/** How long a talk that was lost is taken up again without asking. */
const takenUpMax_ms = 10 * 60_000;
/** Pauses between attempts to take it up again, the last one again and again. */
const retries_ms = [0, 1_000, 2_000, 4_000, 8_000, 15_000];
const noticesMax = 100;
const requestsMax = 64;
/** Of one message: room for `textMax` characters of any script. More ends the talk. */
const messageBytesMax = 100_000;
/** Characters that the field to write in takes. */
export const textMax = 20_000;
/** Of a file; it has to fit into the browser of whoever gets it. Larger ones are refused. */
const fileBytesMax = 2_000_000_000;

/** They left; any other end that nobody announced was an accident. */
const leaving = new Set(["goodbye", "left the network"]);
/** How the library calls it when somebody sends more than `messageBytesMax`. */
const tooLarge = "message too large";
/** Said before a talk is ended: the one message of bytes that there is. */
const farewell = new Uint8Array([0]);

export class Nexus {
  readonly state: Signal<MembraneState | "not joined"> = signal("not joined");
  readonly error: Signal<string> = signal("");
  readonly serverUp = signal(false);
  /** Another tab is the user's first one: here they are another peer. */
  readonly isFurtherTab = signal(false);
  /** Counts changes of the map: views that read it are drawn again. */
  readonly mapVersion = signal(0);
  readonly talks: Signal<ReadonlyMap<string, Talk>> = signal(new Map());
  readonly requests: Signal<readonly Request[]> = signal([]);
  readonly notices: Signal<readonly Notice[]> = signal([]);
  readonly noticesUnread = signal(0);
  /** The talk that is looked at. */
  readonly chosen: Signal<string | undefined> = signal(undefined);
  readonly unread = computed(() => {
    let sum = 0;
    for (const talk of this.talks.value.values()) sum += talk.unread.value;
    return sum;
  });
  /** A message to everyone came from there. */
  onBroadcast: (origin: string) => void = () => undefined;
  /** We ask for a way to there. */
  onAsked: (id: string) => void = () => undefined;
  membrane: Membrane | undefined;
  /** The user said so. */
  #isLeaving = false;
  #settings!: Settings;
  #history = new History();
  #leaveFirstTab: (() => void) | undefined;

  get id(): string {
    return this.membrane?.id ?? "";
  }

  nameOf(id: string): string {
    const name = this.membrane?.peers.get(id)?.name;
    return name === undefined || name === "" ? `${id.slice(0, 8)}…` : name;
  }

  isHere(id: string): boolean {
    return this.membrane?.peers.has(id) ?? false;
  }

  /** Joins; what goes wrong is told in `error`. */
  async join(settings: Settings): Promise<boolean> {
    this.#settings = settings;
    this.error.value = "";
    this.state.value = "joining";
    this.talks.value = new Map();
    this.talk(everyone);
    try {
      if (settings.remember) this.#leaveFirstTab = await becomeFirstTab();
      this.isFurtherTab.value = settings.remember && this.#leaveFirstTab === undefined;
      this.membrane = await Membrane.join(settings.server, {
        name: settings.name,
        network: settings.network,
        identity: settings.remember ? "lasting" : "ephemeral",
        storage: keyName,
        rtc: rtcConfiguration(settings),
        messageBytesMax,
        accept: (request) => this.#asked(request),
      });
    } catch (error) {
      this.#left(inWords(error));
      return false;
    }
    this.#history = new History(settings.remember ? this.id : undefined);
    this.#follow(this.membrane);
    await this.#recall();
    return true;
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    for (const request of this.requests.value) request.answer(false);
    await this.membrane?.close();
  }

  /** The talk with a peer, or everyone, made when there is none. */
  talk(id: string): Talk {
    let talk = this.talks.value.get(id);
    if (talk === undefined) {
      talk = new Talk(id);
      this.talks.value = new Map(this.talks.value).set(id, talk);
    }
    return talk;
  }

  /** Looks at a talk: what is in it is read. */
  choose(id: string | undefined): void {
    this.chosen.value = id;
    if (id !== undefined) this.talk(id).unread.value = 0;
  }

  /** Asks somebody for a talk; they see it and answer. */
  async ask(id: string): Promise<void> {
    const { membrane } = this;
    const talk = this.talk(id);
    if (membrane === undefined || id === this.id) return;
    if (talk.state.value === "open" || talk.state.value === "asking") return;
    talk.state.value = "asking";
    talk.reason.value = "";
    this.onAsked(id);
    try {
      await membrane.connect(id, { signal: AbortSignal.timeout(this.#settings.answer_s * 1_000) });
    } catch (error) {
      if (talk.session !== undefined) return;
      talk.state.value = "closed";
      talk.reason.value = inWords(error);
      this.#tell(`${this.nameOf(id)}: ${talk.reason.value}`, id);
    }
  }

  /** Ends a talk; the other side sees it end. */
  end(id: string): void {
    const talk = this.talk(id);
    const { session } = talk;
    talk.isEnded = true;
    if (session === undefined) this.#over(talk);
    else void session.send(farewell).catch(() => undefined).finally(() => session.close());
  }

  /** Says something; while a talk is lost it waits until the other side is back. */
  say(id: string, text: string): void {
    const talk = this.talk(id);
    const entry = this.#add(talk, this.id, { text });
    if (id === everyone) {
      try {
        this.membrane?.topic(everyone).publish(text);
      } catch (error) {
        this.#change(talk, entry.key, { failed: inWords(error) });
      }
    } else if (talk.state.value === "open" || talk.state.value === "lost") {
      talk.delivery.say(entry.key, text);
    } else {
      this.#change(talk, entry.key, { failed: endedBefore });
    }
  }

  async sendFile(id: string, content: File): Promise<void> {
    const talk = this.talk(id);
    const { name, type, size } = content;
    if (size > fileBytesMax) {
      const file = { name, type, size };
      return void this.#add(talk, this.id, { file, failed: "Not sent: above 2 GB." });
    }
    const entry = this.#add(talk, this.id, { file: { name, type, size, content } });
    const cancelling = new AbortController();
    const cancel = (): void => cancelling.abort();
    const show = (bytes: number): void =>
      talk.transfer(entry.key, { direction: "from us", bytes, size, cancel });
    show(0);
    try {
      if (talk.session === undefined) throw new MembraneError("closed", "the talk is not open");
      await talk.session.sendFile(content, { signal: cancelling.signal, onProgress: show });
    } catch (error) {
      this.#change(talk, entry.key, { failed: inWords(error) });
    } finally {
      talk.transfer(entry.key, undefined);
    }
  }

  removeEntry(id: string, key: string): void {
    this.talk(id).transfers.value.get(key)?.cancel();
    this.talk(id).delivery.withdraw(key);
    this.talk(id).remove(key);
    void this.#history.remove(key);
  }

  /** Forgets what was said; the talk itself goes on. */
  clear(id: string): void {
    for (const key of this.talk(id).delivery.unheard.value) this.talk(id).delivery.withdraw(key);
    this.talk(id).entries.value = [];
    void this.#history.removeTalk(id);
  }

  readNotices(): void {
    this.noticesUnread.value = 0;
  }

  removeNotice(key: string): void {
    this.notices.value = this.notices.value.filter((notice) => notice.key !== key);
  }

  /** Settings were changed: what can hold at once does, the rest from the next joining on. */
  use(settings: Settings): void {
    if (settings.name !== this.#settings.name) this.membrane?.rename(settings.name);
    this.#settings = settings;
  }

  #follow(membrane: Membrane): void {
    this.state.value = membrane.state;
    this.serverUp.value = true;
    membrane.on("state", ({ state }) => (this.state.value = state));
    membrane.on("server", ({ up }) => (this.serverUp.value = up));
    membrane.map.on("change", ({ version }) => (this.mapVersion.value = version));
    membrane.on("session", ({ session }) => this.#opened(session));
    membrane.on("message", ({ origin }) => this.onBroadcast(origin));
    membrane.topic(everyone).on("message", ({ origin, json }) => {
      if (origin !== this.id && typeof json === "string")
        this.#add(this.talk(everyone), origin, { text: json });
    });
    void membrane.closed.then((reason) => {
      this.#left(this.#isLeaving ? "" : reason);
      this.#isLeaving = false;
    });
  }

  /** What is kept of talks, before what was said since we joined. */
  async #recall(): Promise<void> {
    for (const [id, kept] of await this.#history.load()) {
      const talk = this.talk(id);
      const said = talk.entries.value;
      const since = new Set(said.map(({ key }) => key));
      talk.entries.value = [...kept.filter(({ key }) => !since.has(key)), ...said];
    }
  }

  #left(error: string): void {
    this.membrane = undefined;
    this.#leaveFirstTab?.();
    this.#leaveFirstTab = undefined;
    this.#history.close();
    this.error.value = error;
    this.state.value = "not joined";
  }

  /** Somebody asks: yes at once for a talk that they, or both of us, have lost; else the user says. */
  #asked({ id, name }: AcceptRequest): boolean | Promise<boolean> {
    const state = this.talks.value.get(id)?.state.value;
    if (state === "open" || state === "lost") return true;
    if (this.requests.value.length >= requestsMax) return false;
    return new Promise((resolve) => {
      const answer = (yes: boolean): void => {
        clearTimeout(timer);
        this.requests.value = this.requests.value.filter((other) => other !== request);
        resolve(yes);
      };
      const request: Request = { id, name: name || this.nameOf(id), at: Date.now(), answer };
      const timer = setTimeout(() => {
        answer(false);
        this.#tell(`You missed a request of ${request.name}.`, id);
      }, requestMax_ms);
      this.requests.value = [...this.requests.value, request];
    });
  }

  #opened(session: Session): void {
    const talk = this.talk(session.id);
    talk.session = session;
    talk.isEnded = false;
    talk.state.value = "open";
    talk.relayed.value = session.relayed;
    talk.reason.value = "";
    session.on("message", ({ data }) => {
      if (talk.session !== session) return;
      if (typeof data === "string") {
        this.#add(talk, session.id, { text: data });
        talk.delivery.heard();
      } else if (data.length === 1) talk.isEnded = true;
      else talk.delivery.take(data);
    });
    talk.delivery.begin(session);
    session.on("file", ({ file }) => void this.#receive(talk, file));
    void session.closed.then((reason) => this.#closed(talk, session, reason));
  }

  #closed(talk: Talk, session: Session, reason: string): void {
    if (talk.session !== session) return;
    talk.session = undefined;
    talk.delivery.pause();
    talk.reason.value = reason === tooLarge ? "Ended: they sent a message above 100 kB." : reason;
    const accident =
      !talk.isEnded && !leaving.has(reason) && reason !== tooLarge && this.membrane !== undefined;
    if (!accident) {
      this.#over(talk);
      return this.#tell(`The talk with ${this.nameOf(talk.id)} is over.`, talk.id);
    }
    talk.state.value = "lost";
    talk.lostAt = Date.now();
    void this.#takeUp(talk);
  }

  /** For good: what was not heard will not be. */
  #over(talk: Talk): void {
    talk.state.value = "closed";
    for (const key of talk.delivery.stop()) this.#change(talk, key, { failed: endedBefore });
  }

  /** Connects again until it is there, the user ends it, or it is too late. */
  async #takeUp(talk: Talk): Promise<void> {
    for (let attempt = 0; talk.state.value === "lost"; ++attempt) {
      await pause(retries_ms[Math.min(attempt, retries_ms.length - 1)] ?? 0);
      if (talk.state.value !== "lost" || this.membrane === undefined) return;
      if (Date.now() - talk.lostAt > takenUpMax_ms) {
        this.#over(talk);
        return this.#tell(`The talk with ${this.nameOf(talk.id)} was lost.`, talk.id);
      }
      await this.membrane.connect(talk.id).catch(() => undefined);
    }
  }

  async #receive(talk: Talk, file: IncomingFile): Promise<void> {
    const { name, type, size } = file;
    const entry = this.#add(talk, talk.id, { file: { name, type, size } });
    if (size > fileBytesMax) {
      file.refuse();
      return this.#change(talk, entry.key, { failed: "Refused: above 2 GB." });
    }
    const cancel = (): void => file.refuse();
    const show = (bytes: number): void =>
      talk.transfer(entry.key, { direction: "to us", bytes, size, cancel });
    show(0);
    file.on("progress", ({ received }) => show(received));
    try {
      const content = await file.blob();
      this.#change(talk, entry.key, { file: { name, type, size, content } });
    } catch (error) {
      this.#change(talk, entry.key, { failed: inWords(error) });
    } finally {
      talk.transfer(entry.key, undefined);
    }
  }

  #add(talk: Talk, from: string, content: Pick<Entry, "text" | "file" | "failed">): Entry {
    const entry = { key: crypto.randomUUID(), talk: talk.id, at: Date.now(), from, ...content };
    talk.add(entry);
    if (from !== this.id && this.chosen.value !== talk.id) talk.unread.value += 1;
    void this.#history.put(entry);
    return entry;
  }

  #change(talk: Talk, key: string, change: Partial<Entry>): void {
    const changed = talk.change(key, change);
    if (changed !== undefined) void this.#history.put(changed);
  }

  #tell(text: string, id: string): void {
    const notice = { key: crypto.randomUUID(), at: Date.now(), text, id };
    this.notices.value = [...this.notices.value, notice].slice(-noticesMax);
    this.noticesUnread.value += 1;
  }
}

const endedBefore = "The talk ended before it arrived.";

function pause(duration_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration_ms));
}

/** What went wrong, for whoever sits before it. */
function inWords(error: unknown): string {
  if (!(error instanceof MembraneError)) return String(error);
  switch (error.code) {
    case "server-unreachable":
      return "The first-contact server does not answer. Is its address right?";
    case "refused":
      return "They declined.";
    case "unreachable":
      return "No way leads there: they are gone, or about to be.";
    case "timed-out":
    case "aborted":
      return "No answer in time.";
    case "closed":
      return endedBefore;
    case "insecure-context":
    case "unsupported":
    case "invalid-argument":
    case "too-large":
    case "busy":
      return error.message;
  }
}
