import { useState } from "preact/hooks";
import type { Nexus } from "../network/nexus.js";
import { checked, type Settings, unreadableServers } from "../settings.js";
import { Dialog } from "./dialog.js";
import { ForgetMe } from "./forget_me.js";

interface Props {
  nexus: Nexus;
  settings: Settings;
  onSettings(settings: Settings): void;
  onClose(): void;
}

/** What can be chosen. Some of it holds from the next joining on, and says so. */
export function SettingsDialog({ nexus, settings, onSettings, onClose }: Props) {
  const [form, setForm] = useState(settings);
  const strangers = unreadableServers(form.iceServers);
  const set = (change: Partial<Settings>): void => setForm({ ...form, ...change });
  const save = (event: Event): void => {
    event.preventDefault();
    onSettings(checked({ ...form, name: form.name.trim() }));
    onClose();
  };
  return (
    <Dialog title="Settings" onClose={onClose}>
      <form onSubmit={save}>
        <label>
          Your name
          <input
            name="name"
            required
            maxLength={21} // 64 bytes in whatever script
            value={form.name}
            onInput={({ currentTarget }) => set({ name: currentTarget.value })}
          />
        </label>
        <label>
          Colours
          <select
            name="theme"
            value={form.theme}
            onChange={({ currentTarget }) => set({ theme: currentTarget.value as Settings["theme"] })}
          >
            <option value="auto">as the system has them</option>
            <option value="light">light</option>
            <option value="dark">dark</option>
          </select>
        </label>
        <label>
          How long to wait for an answer, in seconds
          <input
            name="answer_s"
            type="number"
            min={5}
            max={60}
            required
            value={form.answer_s}
            onInput={({ currentTarget }) => set({ answer_s: currentTarget.valueAsNumber })}
          />
        </label>
        <fieldset>
          <legend>From the next joining on</legend>
          <Check name="remember" form={form} set={set}>
            Remember me on this device
          </Check>
          <Check name="blockTurn" form={form} set={set}>
            Never use TURN servers
          </Check>
          <Check name="relayOnly" form={form} set={set}>
            Only through TURN servers: peers do not learn my address
          </Check>
          <label>
            STUN and TURN servers, one a line; after the address of a TURN server its user and password
            <textarea
              name="iceServers"
              rows={2}
              placeholder="turn:turn.example.org user password"
              value={form.iceServers}
              onInput={({ currentTarget }) => set({ iceServers: currentTarget.value })}
            />
          </label>
        </fieldset>
        {form.relayOnly && form.blockTurn && (
          <p role="alert" class="error">
            Without TURN servers, and only through them: nobody could be reached.
          </p>
        )}
        {strangers.length > 0 && (
          <p role="alert" class="error">
            No STUN or TURN server: {strangers.join(", ")}
          </p>
        )}
        <button type="submit" disabled={(form.relayOnly && form.blockTurn) || strangers.length > 0}>
          Save
        </button>
      </form>
      <p class="actions">
        <button class="outline" onClick={() => void nexus.leave()}>
          Leave the network
        </button>
        <ForgetMe />
      </p>
    </Dialog>
  );
}

function Check({
  name,
  form,
  set,
  children,
}: {
  name: "remember" | "blockTurn" | "relayOnly";
  form: Settings;
  set(change: Partial<Settings>): void;
  children: string;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        name={name}
        checked={form[name]}
        onChange={({ currentTarget }) => set({ [name]: currentTarget.checked })}
      />
      <span>{children}</span>
    </label>
  );
}
