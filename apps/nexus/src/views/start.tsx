import { useEffect, useState } from "preact/hooks";
import type { Nexus } from "../network/nexus.js";
import { isOpenElsewhere } from "../network/tabs.js";
import type { Settings } from "../settings.js";

/** What is chosen here; what was not touched stays as it is kept, in another tab perhaps. */
export type Chosen = Pick<Settings, "name" | "remember"> &
  Partial<Pick<Settings, "server" | "network" | "relayOnly">>;

interface Props {
  nexus: Nexus;
  settings: Settings;
  onJoin(chosen: Chosen): Promise<void>;
}

const nameBytesMax = 64;

/** Asks for a name and joins. */
export function Start({ nexus, settings, onJoin }: Props) {
  const [changed, setChanged] = useState<Partial<Chosen>>({});
  const form = { ...settings, ...changed };
  const set = (change: Partial<Chosen>): void => setChanged({ ...changed, ...change });
  const [elsewhere, setElsewhere] = useState(false);
  useEffect(() => void isOpenElsewhere().then(setElsewhere), []);
  const joining = nexus.state.value === "joining";
  const name = form.name.trim();
  const tooLong = new TextEncoder().encode(name).length > nameBytesMax;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!tooLong) void onJoin({ remember: form.remember, ...changed, name });
  };
  return (
    <main class="start">
      <h1>
        <img src="./icon.svg" alt="" /> Nexus
      </h1>
      <p>
        Everybody in one network, from browser to browser. You see who is here and how they are linked,
        and talk with anybody: no server carries or keeps what you say.
      </p>
      <form onSubmit={submit} aria-busy={joining}>
        <label>
          Your name
          <input
            name="name"
            required
            autocomplete="nickname"
            value={form.name}
            aria-invalid={tooLong ? true : undefined}
            aria-describedby="name-help"
            onInput={({ currentTarget }) => set({ name: currentTarget.value })}
          />
          <small id="name-help">
            {tooLong ? "That is too long." : "Others see it. Two people may have the same."}
          </small>
        </label>
        <label class="check">
          <input
            type="checkbox"
            name="remember"
            checked={form.remember}
            onChange={({ currentTarget }) => set({ remember: currentTarget.checked })}
          />
          <span>Remember me on this device: my name, the key that proves who I am, and my talks</span>
        </label>
        {elsewhere && form.remember && (
          <p role="note">
            <small>
              You are in the network in another tab already. Here you become a second peer, with a key
              and talks of its own; the first one stays as it is.
            </small>
          </p>
        )}
        <details open={nexus.error.value !== ""}>
          <summary>Another network</summary>
          <label>
            First-contact server
            <input
              name="server"
              required
              value={form.server}
              onInput={({ currentTarget }) => set({ server: currentTarget.value })}
            />
          </label>
          <label>
            Network
            <input
              name="network"
              required
              maxLength={64}
              value={form.network}
              onInput={({ currentTarget }) => set({ network: currentTarget.value })}
            />
          </label>
          {settings.relayOnly && (
            <label class="check">
              <input
                type="checkbox"
                name="relayOnly"
                checked={form.relayOnly}
                onChange={({ currentTarget }) => set({ relayOnly: currentTarget.checked })}
              />
              <span>Only through TURN servers: where none of them works, nobody is reached</span>
            </label>
          )}
        </details>
        {nexus.error.value !== "" && (
          <p role="alert" class="error">
            {nexus.error.value}
          </p>
        )}
        <button type="submit" disabled={joining || tooLong}>
          {joining ? "Joining …" : "Join"}
        </button>
      </form>
    </main>
  );
}
