/** What the user has chosen, kept in this browser's local storage when they say so. */

export interface Settings {
  /** Display name; at most 64 bytes. */
  name: string;
  /** Keep these settings, the key that proves who we are, and the talks. */
  remember: boolean;
  server: string;
  network: string;
  /** STUN and TURN servers, one a line: its address, for TURN also user and password. */
  iceServers: string;
  /** Never use TURN servers, which see when we speak and how much. */
  blockTurn: boolean;
  /** Only through TURN servers, so that peers do not learn our address. */
  relayOnly: boolean;
  /** How long we wait for an answer to a request, in seconds. */
  answer_s: number;
  theme: "auto" | "light" | "dark";
  tourSeen: boolean;
}

const storageKey = "membrane-nexus";
const answerMin_s = 5;
/** The longest that the library waits for one. */
const answerMax_s = 60;

export function defaultSettings(): Settings {
  const secure = location.protocol === "https:";
  const given = new URLSearchParams(location.search);
  return {
    name: "",
    remember: false,
    server: given.get("server") ?? `${secure ? "wss" : "ws"}://${location.hostname}:8777`,
    network: given.get("network") ?? "membrane",
    iceServers: "",
    blockTurn: false,
    relayOnly: false,
    answer_s: 30,
    theme: "auto",
    tourSeen: false,
  };
}

/** The settings that were kept, over these; an address in the page's own wins over both. */
export function loadSettings(base = defaultSettings()): Settings {
  const settings = { ...base };
  const given = new URLSearchParams(location.search);
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Record<string, unknown>;
    for (const [key, value] of Object.entries(settings)) {
      if (typeof kept[key] === typeof value && !given.has(key))
        Object.assign(settings, { [key]: kept[key] });
    }
  } catch {
    // Unreadable, or storage is forbidden here: the defaults will do.
  }
  return checked(settings);
}

/** Keeps them, or forgets what was kept. */
export function saveSettings(settings: Settings): void {
  try {
    if (settings.remember) localStorage.setItem(storageKey, JSON.stringify(settings));
    else forgetSettings();
  } catch {
    // Storage is full or forbidden: they hold for this page.
  }
}

export function forgetSettings(): void {
  localStorage.removeItem(storageKey);
}

/** Tells when another tab has kept other settings. */
export function onKeptElsewhere(listener: () => void): () => void {
  const heard = ({ key, newValue }: StorageEvent): void => {
    if (key === storageKey && newValue !== null) listener();
  };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}

export function checked(settings: Settings): Settings {
  const answer_s = Math.min(Math.max(settings.answer_s || answerMin_s, answerMin_s), answerMax_s);
  const themes: readonly Settings["theme"][] = ["auto", "light", "dark"];
  const theme = themes.includes(settings.theme) ? settings.theme : "auto";
  return { ...settings, answer_s, theme };
}

/** What each connection is made with. */
export function rtcConfiguration({ iceServers, blockTurn, relayOnly }: Settings): RTCConfiguration {
  const lines = linesOf(iceServers).filter((line) => readable.test(line));
  const servers = lines.map((line): RTCIceServer => {
    const [urls = "", username, credential] = line.split(/\s+/);
    return { urls, ...(username && { username }), ...(credential && { credential }) };
  });
  return {
    iceServers: servers.filter(({ urls }) => !(blockTurn && (urls as string).startsWith("turn"))),
    ...(relayOnly && { iceTransportPolicy: "relay" as const }),
  };
}

/** Browsers refuse a connection, not a server, for a line that is not one of these. */
const readable = /^(stuns?:\S+|turns?:\S+\s+\S+\s+\S+)$/;

export function unreadableServers(iceServers: string): string[] {
  return linesOf(iceServers).filter((line) => !readable.test(line));
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
