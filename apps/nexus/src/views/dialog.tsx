import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  children: ComponentChildren;
  onClose(): void;
}

/** The browser's own modal dialog: it keeps the focus inside and ends with Escape. */
export function Dialog({ title, children, onClose }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  // Not with the next frame: what is typed at once belongs here.
  useLayoutEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} onClose={onClose} aria-labelledby="dialog-title">
      <article>
        <header>
          <h2 id="dialog-title">{title}</h2>
          <button class="small outline" autofocus onClick={() => element.current?.close()}>
            Close
          </button>
        </header>
        {children}
      </article>
    </dialog>
  );
}
