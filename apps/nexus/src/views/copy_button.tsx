import { useEffect, useState } from "preact/hooks";

const told_ms = 2_000;

/** Copies a text, and says for a moment whether it could. */
export function CopyButton({ text }: { text: string }) {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    if (outcome === "") return undefined;
    const timer = setTimeout(() => setOutcome(""), told_ms);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setOutcome("Copied"),
      () => setOutcome("Not allowed"),
    );
  return (
    <button class="small outline" aria-live="polite" onClick={copy}>
      {outcome || "Copy"}
    </button>
  );
}
