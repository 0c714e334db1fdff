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
import { Names } from "./names.js";
import { type Request, Requests } from "./requests.js";
import { becomeFirstTab, keyName } from "./tabs.js";
import { everyone, Talk } from "./talk.js";
import {
  endedBefore,
  fileInWords,
  inWords,
  leaving,
  mayHaveArrived,
  noLongerWaits,
  opening,
  theyEnded,
  weEnded,
} from "./words.js";

/** Something the user should know; it stays until it is read. */
export interface Notice {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  /** Whom it is about. */
  readonly id?: string;
}

/** How long a talk that we agreed to may take to open. */
const openingMax_ms = 15_000;
/** How soon a talk that we agreed to is ended by who had stopped waiting. */
const lateMax_ms = 3_000;
/** How long a talk that was lost is taken up again without asking. */
const takenUpMax_ms = 10 * 60_000;
/** Pauses between attempts to take it up again, the last one again and again. */
const retries_ms = [0, 1_000, 2_000, 4_000, 8_000, 15_000];
const noticesMax = 100;
/** Of one message: room for `textMax` characters of any script. More ends the talk. */
const messageBytesMax = 100_000;
/** Characters that the field to write in takes. */
export const textMax = 20_000;
/** Of a file; it has to fit into the browser of whoever gets it. Larger ones are refused. */
const fileBytesMax = 2_000_000_000;

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
  readonly requests = new Requests();
  readonly notices: Signal<readonly Notice[]> = signal([]);
  readonly noticesUnread = signal(0);
  /** The talk that is looked at. */
  readonly chosen: Signal<string | undefined> = signal(undefined);
  /** Whether what is chosen can be seen. */
  readonly #isSeen = signal(true);
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
  #settings: Settings | undefined;
  #history = new History();
  readonly #names = new Names();
  #leaveFirstTab: (() => void) | undefined;

  get id(): string {
    return this.membrane?.id ?? "";
  }

  nameOf(id: string): string {
    return this.membrane?.peers.get(id)?.name || this.#names.get(id) || `${id.slice(0, 8)}…`;
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
    this.chosen.value = undefined;
    this.notices.value = [];
    this.readNotices();
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
      const isLate = error instanceof MembraneError && error.code === "timed-out";
      const hint = isLate && settings.relayOnly ? " Only TURN servers may be used: does one work?" : "";
      this.#left(inWords(error) + hint);
      return false;
    }
    const place = `${settings.server} ${settings.network}`;
    this.#history = new History(settings.remember ? { owner: this.id, place } : undefined, () =>
      this.#tell("Talks are not kept any more: this browser has no room for them, or none to give."),
    );
    this.#follow(this.membrane);
    await this.#recall();
    return true;
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.requests.settle(false);
    await this.membrane?.close();
  }

  /** The talk with a peer, or everyone, made when there is none. */
  talk(id: string): Talk {
    let talk = this.talks.value.get(id);
    if (talk === undefined) {
      const made = new Talk(id, (keys) => {
        for (const key of keys) this.#change(made, key, { waiting: undefined });
      });
      talk = made;
      this.talks.value = new Map(this.talks.value).set(id, talk);
    }
    return talk;
  }

  /** Looks at a talk: what is in it is read. */
  choose(id: string | undefined): void {
    this.chosen.value = id;
    if (id !== undefined && this.#isSeen.value) this.talk(id).unread.value = 0;
  }

  /** Whether the talk that is chosen is before the user's eyes. */
  see(isSeen: boolean): void {
    this.#isSeen.value = isSeen;
    this.choose(this.chosen.value);
  }

  /** Asks somebody for a talk; they see it and answer. */
  async ask(id: string): Promise<void> {
    const { membrane } = this;
    const talk = this.talk(id);
    if (membrane === undefined || id === this.id) return;
    if (talk.state.value !== "closed") return;
    talk.state.value = "asking";
    talk.reason.value = "";
    talk.isGivenUp = false;
    this.onAsked(id);
    const signal = AbortSignal.timeout((this.#settings?.answer_s ?? 0) * 1_000);
    try {
      await connect(membrane, id, signal);
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
    talk.ending = weEnded;
    if (session === undefined) {
      talk.isGivenUp = talk.state.value === "lost";
      talk.reason.value = weEnded;
      this.#over(talk);
    } else void farewellOver(session);
  }

  /** Says something; while a talk is lost it waits until the other side is back. */
  say(id: string, text: string): void {
    const talk = this.talk(id);
    const waiting = id !== everyone;
    const entry = this.#add(talk, this.id, { text, ...(waiting && { waiting }) });
    if (id === everyone) {
      try {
        this.membrane?.topic(everyone).publish(text);
      } catch (error) {
        this.#change(talk, entry.key, { failed: inWords(error) });
      }
    } else if (talk.state.value === "open" || talk.state.value === "lost") {
      talk.delivery.say(entry.key, text);
    } else {
      this.#fail(talk, entry.key);
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
    const { session } = talk;
    try {
      if (session === undefined) throw new MembraneError("closed", "the talk is not open");
      await session.sendFile(content, { signal: cancelling.signal, onProgress: show });
    } catch (error) {
      const failed = await fileInWords(error, session, cancelling.signal.aborted);
      this.#change(talk, entry.key, { failed });
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

  /** Forgets what was said, and what is under way; the talk itself goes on. */
  clear(id: string): void {
    for (const key of this.talk(id).delivery.unheard.value) this.talk(id).delivery.withdraw(key);
    for (const transfer of this.talk(id).transfers.value.values()) transfer.cancel();
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
    const before = this.#settings;
    this.#settings = settings;
    if (before !== undefined && settings.name !== before.name) this.membrane?.rename(settings.name);
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
      for (const { key, from, name, waiting } of kept) {
        this.#names.learn(from, name);
        if (waiting === true && !since.has(key)) this.#fail(talk, key, mayHaveArrived);
      }
    }
  }

  #left(error: string): void {
    this.membrane = undefined;
    for (const talk of this.talks.value.values()) {
      if (talk.state.value !== "closed") this.#over(talk);
    }
    this.requests.settle(false);
    this.#leaveFirstTab?.();
    this.#leaveFirstTab = undefined;
    this.#history.close();
    this.error.value = error;
    this.state.value = "not joined";
  }

  /** Somebody asks: yes at once for a talk that they, or both of us, have lost; else the user says. */
  #asked({ id, name }: AcceptRequest): boolean | Promise<boolean> {
    const talk = this.talks.value.get(id);
    const state = talk?.state.value;
    if (state === "open" || state === "lost") return true;
    if (talk?.isGivenUp === true) {
      // They take up what we have given up meanwhile, and hear of it so.
      talk.isGivenUp = false;
      if (Date.now() - talk.lostAt < takenUpMax_ms) return false;
    }
    this.#names.learn(id, name);
    const called = this.nameOf(id);
    const missed = (): void => this.#tell(`You missed a request of ${called}.`, id);
    return this.requests.ask(id, called, missed);
  }

  /** Answers a request; whoever asked may have given up before. */
  answer({ id, answer }: Request, yes: boolean): void {
    answer(yes);
    const talk = this.talk(id);
    if (!yes || talk.state.value !== "closed") return;
    talk.agreedAt = Date.now();
    talk.reason.value = opening;
    void pause(openingMax_ms).then(() => {
      if (talk.state.value === "closed" && talk.reason.value === opening)
        talk.reason.value = noLongerWaits;
    });
  }

  #opened(session: Session): void {
    const talk = this.talk(session.id);
    if (talk.isGivenUp) {
      talk.isGivenUp = false;
      return void farewellOver(session);
    }
    this.requests.settle(true, session.id);
    this.#names.learn(session.id, session.name);
    talk.session = session;
    talk.ending = "";
    talk.state.value = "open";
    talk.relayed.value = session.relayed;
    talk.reason.value = "";
    session.on("message", ({ data }) => {
      if (talk.session !== session) return;
      if (typeof data === "string") {
        this.#add(talk, session.id, { text: data });
        talk.delivery.heard();
      } else if (data.length === 1) talk.ending = theyEnded;
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
    // Who asked had given up when we agreed; had the link broken, it would not be there.
    const isFresh = Date.now() - talk.agreedAt < lateMax_ms && talk.ending === "";
    if (isFresh && reason === "closed" && this.membrane?.links.has(talk.id) === true)
      talk.ending = noLongerWaits;
    if (reason === tooLarge) talk.ending = "Ended: they sent a message above 100 kB.";
    talk.reason.value = talk.ending || reason;
    const announced = talk.ending !== "" || leaving.has(reason);
    const accident = !announced && this.membrane !== undefined;
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
    for (const key of talk.delivery.stop()) this.#fail(talk, key);
  }

  #fail(talk: Talk, key: string, failed = endedBefore): void {
    this.#change(talk, key, { failed, waiting: undefined });
  }

  /** Connects again until it is there, one of the two ends it, or it is too late. */
  async #takeUp(talk: Talk): Promise<void> {
    const { membrane } = this;
    for (let attempt = 0; talk.state.value === "lost"; ++attempt) {
      await pause(retries_ms[Math.min(attempt, retries_ms.length - 1)] ?? 0);
      if (talk.state.value !== "lost" || membrane === undefined || membrane !== this.membrane) return;
      if (Date.now() - talk.lostAt > takenUpMax_ms) {
        this.#over(talk);
        return this.#tell(`The talk with ${this.nameOf(talk.id)} was lost.`, talk.id);
      }
      const refused = await membrane.connect(talk.id).then(
        () => false,
        (error) => error instanceof MembraneError && error.code === "refused",
      );
      if (!refused || talk.state.value !== "lost") continue;
      this.#over(talk);
      talk.reason.value = theyEnded;
      this.#tell(`The talk with ${this.nameOf(talk.id)} is over.`, talk.id);
    }
  }

  async #receive(talk: Talk, file: IncomingFile): Promise<void> {
    const { name, type, size } = file;
    const entry = this.#add(talk, talk.id, { file: { name, type, size } });
    if (size > fileBytesMax) {
      file.refuse();
      return this.#change(talk, entry.key, { failed: "Refused: above 2 GB." });
    }
    const { session } = talk;
    let cancelled = false;
    const cancel = (): void => {
      cancelled = true;
      file.refuse();
    };
    const show = (bytes: number): void =>
      talk.transfer(entry.key, { direction: "to us", bytes, size, cancel });
    show(0);
    file.on("progress", ({ received }) => show(received));
    try {
      const content = await file.blob();
      this.#change(talk, entry.key, { file: { name, type, size, content } });
    } catch (error) {
      this.#change(talk, entry.key, { failed: await fileInWords(error, session, cancelled) });
    } finally {
      talk.transfer(entry.key, undefined);
    }
  }

  #add(talk: Talk, from: string, content: Partial<Entry>): Entry {
    const name = this.membrane?.peers.get(from)?.name ?? "";
    this.#names.learn(from, name);
    const entry = { key: crypto.randomUUID(), talk: talk.id, at: Date.now(), from, name, ...content };
    talk.add(entry);
    const isSeen = this.chosen.value === talk.id && this.#isSeen.value;
    if (from !== this.id && !isSeen) talk.unread.value += 1;
    void this.#history.put(entry);
    return entry;
  }

  #change(talk: Talk, key: string, change: Partial<Entry>): void {
    const changed = talk.change(key, change);
    if (changed !== undefined) void this.#history.put(changed);
  }

  #tell(text: string, id?: string): void {
    const notice = { key: crypto.randomUUID(), at: Date.now(), text, ...(id !== undefined && { id }) };
    this.notices.value = [...this.notices.value, notice].slice(-noticesMax);
    this.noticesUnread.value += 1;
  }
}

/** Asks for as long as the signal allows; the library gives up sooner where there is no link. */
async function connect(membrane: Membrane, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await membrane.connect(id, { signal });
      return;
    } catch (error) {
      const isLate = error instanceof MembraneError && error.code === "timed-out";
      if (!isLate || signal.aborted) throw error;
    }
  }
}

async function farewellOver(session: Session): Promise<void> {
  await session.send(farewell).catch(() => undefined);
  session.close();
}

function pause(duration_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration_ms));
}
