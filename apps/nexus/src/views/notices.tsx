import type { Nexus } from "../network/nexus.js";
import { Dialog } from "./dialog.js";

interface Props {
  nexus: Nexus;
  onChoose(id: string): void;
  onClose(): void;
}

/** What happened while nobody looked, the newest first. */
export function Notices({ nexus, onChoose, onClose }: Props) {
  const notices = [...nexus.notices.value].reverse();
  return (
    <Dialog title="Notices" onClose={onClose}>
      {notices.length === 0 && <p>Nothing happened that you should know.</p>}
      <ul class="notices">
        {notices.map(({ key, at, text, id }) => (
          <li key={key}>
            <p>
              <small>{new Date(at).toLocaleTimeString()}</small> {text}
            </p>
            <p class="actions">
              {id !== undefined && (
                <button
                  class="small outline"
                  onClick={() => {
                    onClose();
                    onChoose(id);
                  }}
                >
                  Show
                </button>
              )}
              <button class="small outline" onClick={() => nexus.removeNotice(key)}>
                Delete
              </button>
            </p>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
