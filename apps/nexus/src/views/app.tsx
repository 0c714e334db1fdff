import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Nexus } from "../network/nexus.js";
import { isOpenElsewhere } from "../network/tabs.js";
import { loadSettings, onKeptElsewhere, saveSettings, type Settings } from "../settings.js";
import { type Chosen, Start } from "./start.js";
import { Workspace } from "./workspace.js";

/** Before joining a question for a name, after it the network. */
export function App() {
  const [settings, setSettings] = useState(loadSettings);
  const nexus = useMemo(() => new Nexus(), []);
  const joined = nexus.state.value !== "not joined" && nexus.membrane !== undefined;
  useTheme(settings.theme);

  const join = async (chosen: Chosen): Promise<void> => {
    // Another tab may have kept other settings since this page was opened.
    const joining = { ...(chosen.remember ? loadSettings(settings) : settings), ...chosen };
    setSettings(joining);
    // Whoever is remembered in another tab stays so there.
    if (joining.remember || !(await isOpenElsewhere())) saveSettings(joining);
    await nexus.join(joining);
  };
  // Tabs of one remembered user have the same settings; the last one that is saved holds in all.
  useEffect(() => {
    if (!settings.remember) return undefined;
    return onKeptElsewhere(() => {
      const kept = loadSettings();
      setSettings(kept);
      nexus.use(kept);
    });
  }, [nexus, settings.remember]);
  // A file that misses the talk would else be opened in place of this page.
  useEffect(() => {
    const keep = (event: DragEvent): void => event.preventDefault();
    addEventListener("dragover", keep);
    addEventListener("drop", keep);
    return () => {
      removeEventListener("dragover", keep);
      removeEventListener("drop", keep);
    };
  }, []);
  useSignalEffect(() => {
    const count = nexus.unread.value + nexus.requests.waiting.value.length;
    document.title = count > 0 ? `(${count}) Nexus` : "Nexus";
  });
  return joined ? (
    <Workspace
      nexus={nexus}
      settings={settings}
      onSettings={(changed) => {
        setSettings(changed);
        // What is kept may be another tab's where this one is not to be remembered.
        if (changed.remember || settings.remember) saveSettings(changed);
        nexus.use(changed);
      }}
    />
  ) : (
    <Start nexus={nexus} settings={settings} onJoin={join} />
  );
}

/** Pico's colours go by an attribute; without one, by the system's. */
function useTheme(theme: Settings["theme"]): void {
  useEffect(() => {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
}
