import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { entriesMax, type Entry } from "../network/history.js";
import { type Nexus, textMax } from "../network/nexus.js";
import { everyone, type Talk } from "../network/talk.js";
import { EntryView } from "./entry_view.js";
import { save } from "./saving.js";

/** The talk with somebody, or with everyone: what was said, and where to say something. */
export function TalkView({ nexus, id }: { nexus: Nexus; id: string }) {
  const talk = nexus.talk(id);
  const [dropping, setDropping] = useState(false);
  const [misplaced, setMisplaced] = useState(false);
  const state = talk.state.value;
  const open = id === everyone || state === "open" || state === "lost";
  const files = state === "open";
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setDropping(false);
    setMisplaced(!files);
    if (files) for (const file of event.dataTransfer?.files ?? []) void nexus.sendFile(id, file);
  };
  return (
    <section
      class={`talk${dropping ? " dropping" : ""}`}
      aria-label={id === everyone ? "Everyone" : `Talk with ${nexus.nameOf(id)}`}
      onDragOver={(event) => {
        event.preventDefault();
        setDropping(files);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={drop}
    >
      <TalkHead nexus={nexus} talk={talk} />
      {misplaced && !files && (
        <p role="alert" class="error">
          <small>Files go where a talk is open.</small>
        </p>
      )}
      <Entries nexus={nexus} talk={talk} />
      <Composer nexus={nexus} talk={talk} open={open} files={files} />
    </section>
  );
}

function TalkHead({ nexus, talk }: { nexus: Nexus; talk: Talk }) {
  void nexus.mapVersion.value;
  const { id } = talk;
  const state = talk.state.value;
  if (id === everyone)
    return (
      <header>
        <h2>Everyone</h2>
        <p>
          <small>Reaches all who are here now. Signed by its sender, readable by all.</small>
        </p>
        <WholeTalk nexus={nexus} talk={talk} />
      </header>
    );
  return (
    <header>
      <h2>{nexus.nameOf(id)}</h2>
      <p class="actions">
        {(state === "closed" || state === "asking") && (
          <button
            disabled={state === "asking" || !nexus.isHere(id)}
            aria-busy={state === "asking"}
            onClick={() => void nexus.ask(id)}
          >
            {state === "asking" ? "Waiting for an answer" : "Ask for a talk"}
          </button>
        )}
        {(state === "open" || state === "lost") && (
          <button class="small outline" onClick={() => nexus.end(id)}>
            End the talk
          </button>
        )}
      </p>
      <p role="status">
        <small>{stateOf(nexus, talk)}</small>
      </p>
      <details>
        <summary>Who is that?</summary>
        <p>
          <small>
            The name is what they call themselves; the key is proved. Compare it over another way,
            such as the phone, to be sure who is there.
          </small>
        </p>
        <code class="fingerprint">{fingerprint(id)}</code>
      </details>
      <WholeTalk nexus={nexus} talk={talk} />
    </header>
  );
}

/** What can be done with all that was said. */
function WholeTalk({ nexus, talk }: { nexus: Nexus; talk: Talk }) {
  const entries = talk.entries.value;
  if (entries.length === 0) return null;
  const name = talk.id === everyone ? "Everyone" : nexus.nameOf(talk.id);
  return (
    <p class="actions whole-talk">
      <button
        class="small outline"
        onClick={() => save(`${name}.txt`, new Blob([asText(entries, nexus)], { type: "text/plain" }))}
      >
        Save as text
      </button>
      <button
        class="small outline"
        onClick={() => confirm("Delete all that was said here, on this device?") && nexus.clear(talk.id)}
      >
        Delete all
      </button>
    </p>
  );
}

/** A line an entry: when, who, what. */
function asText(entries: readonly Entry[], nexus: Nexus): string {
  const line = ({ at, from, text, file }: Entry): string =>
    `${new Date(at).toISOString()} ${nexus.nameOf(from)}: ${text ?? file?.name ?? ""}\n`;
  return entries.map(line).join("");
}

function stateOf(nexus: Nexus, talk: Talk): string {
  if (talk.state.value === "open")
    return talk.relayed.value
      ? "Open, passing through other peers, sealed: slow, at most 320 kB a second."
      : "Open: direct, encrypted from end to end.";
  if (talk.state.value === "lost") return "The connection was lost. It is sought again.";
  if (talk.state.value === "asking") return "They see your request now.";
  return nexus.isHere(talk.id) ? talk.reason.value : "They are not here now.";
}

/** In groups that can be read aloud. */
function fingerprint(id: string): string {
  return id.match(/.{1,4}/g)?.join(" ") ?? id;
}

function Entries({ nexus, talk }: { nexus: Nexus; talk: Talk }) {
  const list = useRef<HTMLOListElement>(null);
  const entries = talk.entries.value;
  const transfers = talk.transfers.value;
  const unheard = talk.delivery.unheard.value;
  const lost = talk.state.value === "lost";
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: "nearest" });
  }, [entries.at(-1)?.key]);
  const remove = useCallback(({ key }: Entry) => nexus.removeEntry(talk.id, key), [nexus, talk]);
  return (
    <ol ref={list} class="entries" aria-label="What was said" aria-live="polite" aria-relevant="additions" tabIndex={0}>
      {entries.length >= entriesMax && (
        <li class="entries-end">
          <small>A talk keeps its newest 1,000 entries; older ones are gone.</small>
        </li>
      )}
      {entries.map((entry: Entry) => (
        <EntryView
          key={entry.key}
          entry={entry}
          transfer={transfers.get(entry.key)}
          waits={lost && unheard.has(entry.key)}
          ours={entry.from === nexus.id || entry.from === ""}
          name={nexus.nameOf(entry.from)}
          onDelete={remove}
        />
      ))}
    </ol>
  );
}

function Composer({
  nexus,
  talk,
  open,
  files,
}: {
  nexus: Nexus;
  talk: Talk;
  open: boolean;
  files: boolean;
}) {
  const text = talk.draft.value;
  const picker = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  // The button that opened the talk is gone: nothing has the focus.
  useEffect(() => {
    if (files && document.activeElement === document.body) field.current?.focus();
  }, [files]);
  const say = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === "" || !open) return;
    nexus.say(talk.id, text);
    talk.draft.value = "";
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) say(event);
  };
  return (
    <form class="composer" onSubmit={say}>
      <textarea
        ref={field}
        name="text"
        rows={2}
        aria-label="Message"
        placeholder={open ? "Enter sends, Shift and Enter a new line" : "Ask for a talk first"}
        disabled={!open}
        maxLength={textMax}
        value={text}
        onInput={({ currentTarget }) => (talk.draft.value = currentTarget.value)}
        onKeyDown={key}
      />
      {text.length >= textMax && (
        <small role="status">That is as long as a message may be: 20,000 characters.</small>
      )}
      <button type="submit" disabled={!open || text.trim() === ""}>
        Send
      </button>
      {talk.id !== everyone && (
        <>
          <button
            type="button"
            class="outline"
            disabled={!files}
            onClick={() => picker.current?.click()}
          >
            File
          </button>
          <input
            ref={picker}
            type="file"
            name="file"
            multiple
            hidden
            onChange={({ currentTarget }) => {
              for (const file of currentTarget.files ?? []) void nexus.sendFile(talk.id, file);
              currentTarget.value = "";
            }}
          />
        </>
      )}
    </form>
  );
}
