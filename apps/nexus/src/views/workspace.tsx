import { useEffect, useState } from "preact/hooks";
import { Aside } from "./dialog.js";
import { everyone } from "../network/talk.js";
import type { Nexus } from "../network/nexus.js";
import type { Settings } from "../settings.js";
import { MapView } from "./map_view.js";
import { Notices } from "./notices.js";
import { type MenuPlace, PeerMenu } from "./peer_menu.js";
import { People } from "./people.js";
import { Requests } from "./requests.js";
import { SettingsDialog } from "./settings_dialog.js";
import { TalkView } from "./talk_view.js";
import { Tour } from "./tour.js";

interface Props {
  nexus: Nexus;
  settings: Settings;
  onSettings(settings: Settings): void;
}

type Pane = "map" | "people" | "talk";

const stateInWords = {
  joining: "looking for others",
  alone: "nobody else is here yet",
  joined: "in the network",
  left: "left",
  "not joined": "not joined",
} as const;

/** The network: its map, its people, and the talk that is chosen. On a phone one of them at a time. */
export function Workspace({ nexus, settings, onSettings }: Props) {
  const [pane, setPane] = useState<Pane>("map");
  const [menu, setMenu] = useState<MenuPlace>();
  const [search, setSearch] = useState("");
  const [explained, setExplained] = useState(false);
  const [dialog, setDialog] = useState<"settings" | "tour" | "notices" | undefined>(
    settings.tourSeen ? undefined : "tour",
  );
  const chosen = nexus.chosen.value;
  const choose = (id: string | undefined): void => {
    nexus.choose(id);
    if (id !== undefined) setPane("talk");
  };
  useEffect(() => {
    if (nexus.chosen.value === undefined) nexus.choose(everyone);
  }, [nexus]);
  useEffect(() => {
    const wide = matchMedia("(min-width: 44.01rem)");
    const look = (): void =>
      nexus.see(document.visibilityState === "visible" && (wide.matches || pane === "talk"));
    look();
    wide.addEventListener("change", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      wide.removeEventListener("change", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [nexus, pane]);
  const waiting = nexus.noticesUnread.value;
  void nexus.mapVersion.value;
  const count = nexus.membrane?.peers.size ?? 0;
  const close = (): void => {
    if (dialog === "notices") nexus.readNotices();
    if (dialog === "tour" && !settings.tourSeen) onSettings({ ...settings, tourSeen: true });
    setDialog(undefined);
  };
  const requests = (
    <Requests
      nexus={nexus}
      onAccepted={(id) => {
        close();
        choose(id);
      }}
    />
  );
  return (
    <div class="workspace" data-pane={pane}>
      <header>
        <h1>Nexus</h1>
        <p class="state">
          <strong>{nexus.nameOf(nexus.id)}</strong>
          {", "}
          <span role="status">
            {stateInWords[nexus.state.value]}
            {!nexus.serverUp.value && " · server away"}
          </span>
          {" · "}
          {count === 1 ? "1 peer" : `${count} peers`}
        </p>
        <nav aria-label="Tools">
          <button
            class="outline"
            aria-label={waiting > 0 ? `Notices, ${waiting} unread` : "Notices"}
            onClick={() => {
              nexus.readNotices();
              setDialog("notices");
            }}
          >
            Notices{waiting > 0 && <mark class="count">{waiting}</mark>}
          </button>
          <button class="outline" onClick={() => setDialog("settings")}>
            Settings
          </button>
          <button class="outline" onClick={() => setDialog("tour")} aria-label="Show me around">
            ?
          </button>
        </nav>
        {nexus.isFurtherTab.value && !explained && (
          <p class="further-tab" role="note">
            <span>
              Nexus is open in another tab, as you. This tab is a peer of its own: others see two of you,
              and it has its own key and its own talks.
            </span>
            <button class="small outline" onClick={() => setExplained(true)}>
              Understood
            </button>
          </p>
        )}
      </header>
      <main>
        <MapView
          nexus={nexus}
          search={search}
          theme={settings.theme}
          onChoose={choose}
          onMenu={setMenu}
        />
        <People
          nexus={nexus}
          search={search}
          onSearch={setSearch}
          onChoose={choose}
          onMenu={setMenu}
        />
        <TalkView key={chosen} nexus={nexus} id={chosen ?? everyone} />
      </main>
      <nav class="panes" aria-label="Views">
        {(["map", "people", "talk"] as const).map((name) => (
          <button
            key={name}
            class={pane === name ? "" : "outline"}
            aria-pressed={pane === name}
            onClick={() => setPane(name)}
          >
            {{ map: "Map", people: "People", talk: "Talk" }[name]}
            {name === "people" && nexus.unread.value > 0 && (
              <mark class="count">{nexus.unread.value}</mark>
            )}
          </button>
        ))}
      </nav>
      {menu !== undefined && (
        <PeerMenu
          nexus={nexus}
          place={menu}
          onChoose={choose}
          onShow={(id) => {
            nexus.choose(id);
            setPane("map");
          }}
          onClose={() => setMenu(undefined)}
        />
      )}
      {dialog === undefined && requests}
      <Aside.Provider value={requests}>
        {dialog === "settings" && (
          <SettingsDialog
            nexus={nexus}
            settings={settings}
            onSettings={onSettings}
            onClose={close}
          />
        )}
        {dialog === "notices" && (
          <Notices nexus={nexus} onChoose={choose} onClose={close} />
        )}
        {dialog === "tour" && <Tour onClose={close} />}
      </Aside.Provider>
    </div>
  );
}
