import { useEffect, useRef, useState } from "preact/hooks";
import { NetworkGraph } from "../graph/network_graph.js";
import type { Nexus } from "../network/nexus.js";
import { everyone } from "../network/talk.js";
import type { Settings } from "../settings.js";
import { matching } from "./matching.js";

interface Props {
  nexus: Nexus;
  search: string;
  theme: Settings["theme"];
  onChoose(id: string | undefined): void;
}

interface Menu {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** The graph. Who cannot see it has the same in the list of people. */
export function MapView({ nexus, search, theme, onChoose }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const graph = useRef<NetworkGraph>();
  const [menu, setMenu] = useState<Menu>();
  const { membrane } = nexus;

  useEffect(() => {
    if (membrane === undefined || container.current === null) return;
    const drawn = new NetworkGraph(container.current, membrane.map, {
      chosen: (id) => (id === membrane.id ? undefined : onChoose(id)),
      menu: (id, x, y) => setMenu({ id, x, y }),
    });
    graph.current = drawn;
    nexus.onBroadcast = (origin) => drawn.wave(origin);
    nexus.onAsked = (id) => drawn.way(id);
    return () => {
      nexus.onBroadcast = nexus.onAsked = () => undefined;
      drawn.close();
    };
  }, [membrane]);

  const chosen = nexus.chosen.value === everyone ? undefined : nexus.chosen.value;
  const talks = [...nexus.talks.value.values()].filter(({ state }) => state.value === "open");
  const version = nexus.mapVersion.value;
  useEffect(() => {
    const ids = matching(nexus, search).map(({ id }) => id);
    graph.current?.mark({
      chosen,
      talks: new Set(talks.map(({ id }) => id)),
      matches: search === "" ? undefined : new Set(ids),
    });
  }, [membrane, chosen, talks.map(({ id }) => id).join(), search, version]);
  useEffect(() => {
    if (chosen !== undefined) graph.current?.show(chosen);
  }, [chosen]);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = (): void =>
      graph.current?.theme(theme === "auto" ? (system.matches ? "dark" : "light") : theme);
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [membrane, theme]);

  return (
    <section class="map" aria-label="Map of the network">
      <div ref={container} class="graph" aria-hidden="true" />
      <button class="outline whole" onClick={() => graph.current?.reset()}>
        Whole ring
      </button>
      {menu !== undefined && (
        <PeerMenu nexus={nexus} menu={menu} onChoose={onChoose} onClose={() => setMenu(undefined)} />
      )}
    </section>
  );
}

/** What can be done with the peer under the pointer. */
function PeerMenu({
  nexus,
  menu: { id, x, y },
  onChoose,
  onClose,
}: {
  nexus: Nexus;
  menu: Menu;
  onChoose(id: string): void;
  onClose(): void;
}) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.querySelector("button")?.focus();
    const outside = (event: Event): void => {
      if (!element.current?.contains(event.target as Node)) onClose();
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, []);
  const talk = nexus.talk(id);
  const self = id === nexus.id;
  const after = (work: () => void) => (): void => {
    onClose();
    work();
  };
  return (
    <div
      ref={element}
      class="menu"
      role="menu"
      aria-label={nexus.nameOf(id)}
      style={{ left: `${x}px`, top: `${y}px` }}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      {!self && talk.state.value !== "open" && (
        <button
          role="menuitem"
          onClick={after(() => {
            onChoose(id);
            void nexus.ask(id);
          })}
        >
          Ask for a talk
        </button>
      )}
      {!self && talk.state.value === "open" && (
        <button role="menuitem" onClick={after(() => onChoose(id))}>
          Open the talk
        </button>
      )}
      <button role="menuitem" onClick={after(() => void navigator.clipboard.writeText(id))}>
        Copy the id
      </button>
    </div>
  );
}
