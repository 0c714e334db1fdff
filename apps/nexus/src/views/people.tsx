import { everyone, type Talk } from "../network/talk.js";
import type { Nexus } from "../network/nexus.js";
import { matching } from "./matching.js";
import type { MenuPlace } from "./peer_menu.js";

interface Props {
  nexus: Nexus;
  search: string;
  onSearch(search: string): void;
  onChoose(id: string): void;
  onMenu(place: MenuPlace): void;
}

/** Rows that are shown; who looks for somebody in a larger network searches. */
const rowsMax = 200;

/** Talks first, then everyone else who is here. */
export function People({ nexus, search, onSearch, onChoose, onMenu }: Props) {
  void nexus.mapVersion.value;
  const talks = [...nexus.talks.value.values()].filter(
    ({ id, state, entries }) =>
      id !== everyone && (state.value !== "closed" || entries.value.length > 0),
  );
  const wanted = search.trim().toLowerCase();
  const found = talks.filter(
    ({ id }) => nexus.nameOf(id).toLowerCase().includes(wanted) || id.startsWith(wanted),
  );
  const talking = new Set(talks.map(({ id }) => id));
  const people = matching(nexus, search).filter(({ id, self }) => !self && !talking.has(id));
  const shown = people.slice(0, rowsMax);
  return (
    <section class="people" aria-label="People">
      <input
        type="search"
        name="search"
        placeholder="Name or id"
        aria-label="Search for somebody"
        value={search}
        onInput={({ currentTarget }) => onSearch(currentTarget.value)}
      />
      <ul aria-label="Talks">
        <Row nexus={nexus} talk={nexus.talk(everyone)} onChoose={onChoose} />
        {found.map((talk) => (
          <Row key={talk.id} nexus={nexus} talk={talk} onChoose={onChoose} onMenu={onMenu} />
        ))}
      </ul>
      <h2 id="here">Here{search !== "" && `: ${people.length} found`}</h2>
      <ul aria-labelledby="here">
        {shown.map(({ id, name, linked }) => (
          <li key={id}>
            <button
              class="row"
              aria-current={nexus.chosen.value === id ? "true" : undefined}
              onClick={() => onChoose(id)}
              onContextMenu={(event) => askForMenu(event, id, onMenu)}
            >
              <span class="name">{name || "no name"}</span>
              <small>
                {id.slice(0, 8)}
                {linked && " · linked to you"}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {people.length > shown.length && (
        <p>
          <small>and {people.length - shown.length} more: search for them</small>
        </p>
      )}
      {people.length === 0 && talks.length === 0 && search === "" && (
        <p>Nobody else is here. Open this page in another tab, or send somebody its address.</p>
      )}
    </section>
  );
}

const inWords = { closed: "", asking: "asked …", open: "open", lost: "lost, trying again" } as const;

function Row({
  nexus,
  talk,
  onChoose,
  onMenu,
}: {
  nexus: Nexus;
  talk: Talk;
  onChoose(id: string): void;
  onMenu?(place: MenuPlace): void;
}) {
  const unread = talk.unread.value;
  const all = talk.id === everyone;
  const name = all ? "Everyone" : nexus.nameOf(talk.id);
  const state = all ? "all who are here" : nexus.isHere(talk.id) ? inWords[talk.state.value] : "not here";
  return (
    <li>
      <button
        class="row"
        aria-current={nexus.chosen.value === talk.id ? "true" : undefined}
        onClick={() => onChoose(talk.id)}
        onContextMenu={(event) => onMenu !== undefined && askForMenu(event, talk.id, onMenu)}
      >
        <span class="name">{name}</span>
        {unread > 0 && (
          <mark class="count" aria-label={`${unread} unread`}>
            {unread}
          </mark>
        )}
        <small>{state}</small>
      </button>
    </li>
  );
}

/** By the right button, a long touch, the menu key, or Shift and F10: browsers make one event of all. */
function askForMenu(event: MouseEvent, id: string, onMenu: (place: MenuPlace) => void): void {
  event.preventDefault();
  const { left, bottom } = (event.currentTarget as Element).getBoundingClientRect();
  const byKey = event.button !== 2 || (event.clientX === 0 && event.clientY === 0);
  onMenu(byKey ? { id, x: left, y: bottom } : { id, x: event.clientX, y: event.clientY });
}
