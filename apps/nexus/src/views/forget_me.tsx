import { useState } from "preact/hooks";
import { forgetUser } from "../network/forgetting.js";

const question = `Forget you on this device?

Your name, your settings, the key that proves who you are and all talks are removed, in every tab of Nexus in this browser. Others will not know you by this key again.`;

/** Removes everything that is kept of the user, after a question, and begins with an empty start page. */
export function ForgetMe() {
  const [working, setWorking] = useState(false);
  const [error, setError] = useState("");
  const forget = async (): Promise<void> => {
    if (!confirm(question)) return;
    setWorking(true);
    try {
      await forgetUser();
      location.reload();
    } catch (failure) {
      setWorking(false);
      setError(`Not everything could be removed: ${String(failure)}`);
    }
  };
  return (
    <>
      <button class="outline danger" aria-busy={working} disabled={working} onClick={() => void forget()}>
        Forget me on this device
      </button>
      {error !== "" && (
        <p role="alert" class="error">
          {error}
        </p>
      )}
    </>
  );
}
