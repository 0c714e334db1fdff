import { Component } from "preact";
import type { Entry, KeptFile } from "../network/history.js";
import type { Transfer } from "../network/talk.js";
import { CopyButton } from "./copy_button.js";
import { save } from "./saving.js";

interface Props {
  entry: Entry;
  transfer: Transfer | undefined;
  ours: boolean;
  /** It goes out when the talk is there again. */
  waits: boolean;
  name: string;
  onDelete(entry: Entry): void;
}

/**
 * One thing that was said, with what can be done with it. It is drawn again only when something of it
 * has changed: there may be a thousand, and as many new ones may come at once.
 */
export class EntryView extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const names = Object.keys(next) as (keyof Props)[];
    return names.some((name) => next[name] !== this.props[name]);
  }

  override render(props: Props) {
    return <Said {...props} />;
  }
}

function Said({ entry, transfer, ours, waits, name, onDelete }: Props) {
  const { text, file, failed, at } = entry;
  return (
    <li class={ours ? "entry ours" : "entry"}>
      <small class="who">
        {ours ? "You" : name}, <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      </small>
      <span class="actions">
        {text !== undefined && <CopyButton text={text} />}
        <button class="small outline" onClick={() => onDelete(entry)}>
          Delete
        </button>
      </span>
      {text !== undefined && <p class="text">{text}</p>}
      {file !== undefined && <FileView file={file} transfer={transfer} failed={failed} />}
      {waits && <small class="who">Waits until they are back.</small>}
      {failed !== undefined && (
        <p class="error">
          <small>{failed}</small>
        </p>
      )}
    </li>
  );
}

function FileView({
  file,
  transfer,
  failed,
}: {
  file: KeptFile;
  transfer: Transfer | undefined;
  failed: string | undefined;
}) {
  const gone = file.content === undefined && transfer === undefined && failed === undefined;
  return (
    <div class="file">
      <p class="text">
        {file.name} <small>{inBytes(file.size)}</small>
        {gone && <small> · no longer here</small>}
      </p>
      {file.content !== undefined && (
        <button class="small outline" onClick={() => save(file.name, file.content as Blob)}>
          Download
        </button>
      )}
      {transfer !== undefined && (
        <p class="transfer">
          <progress
            max={Math.max(transfer.size, 1)}
            value={transfer.bytes}
            aria-label={`${file.name}, ${transfer.direction}`}
          />
          <button class="small outline" onClick={transfer.cancel}>
            Cancel
          </button>
        </p>
      )}
    </div>
  );
}

/** Made once: making one takes longer than drawing the entry. */
const timeOfDay = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const dayAndTime = new Intl.DateTimeFormat([], {
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

function clock(at: number): string {
  const today = new Date().toDateString() === new Date(at).toDateString();
  return (today ? timeOfDay : dayAndTime).format(at);
}

function inBytes(size: number): string {
  if (size < 1_000) return `${size} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(size) / 3), units.length);
  return `${(size / 1_000 ** power).toPrecision(3)} ${units[power - 1]}`;
}
