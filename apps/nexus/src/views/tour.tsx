import { useState } from "preact/hooks";
import { Dialog } from "./dialog.js";

const steps: readonly (readonly [string, string])[] = [
  [
    "This is the network",
    "Each point on the ring is somebody, each line a connection between two of them. Yours are brighter. What everyone says spreads along the lines, once to each.",
  ],
  [
    "Talk with anybody",
    "Choose a point, or a name in the list, and ask for a talk. They see your request and accept or refuse. Right-click, or Alt and click, opens a menu at once.",
  ],
  [
    "Nobody in between",
    "What you say goes from browser to browser, encrypted. The server only introduced you; the network holds together without it.",
  ],
  [
    "Who is it really?",
    "A name is what somebody calls themselves. The key under “Who is that?” is proved: compare it over another way to be sure.",
  ],
  [
    "Files, too",
    "Drop a file onto a talk. Either side may cancel. What is remembered is kept on this device alone, if you said so.",
  ],
];

/** For those who come for the first time; again under the question mark. */
export function Tour({ onClose }: { onClose(): void }) {
  const [step, setStep] = useState(0);
  const [title, text] = steps[step] as readonly [string, string];
  const last = step === steps.length - 1;
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <p class="actions">
        <small>
          {step + 1} of {steps.length}
        </small>
        {step > 0 && (
          <button class="outline" onClick={() => setStep(step - 1)}>
            Back
          </button>
        )}
        <button onClick={() => (last ? onClose() : setStep(step + 1))}>{last ? "Done" : "Next"}</button>
      </p>
    </Dialog>
  );
}
