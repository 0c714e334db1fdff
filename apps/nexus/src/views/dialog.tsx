import { type ComponentChildren, createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";

/** What has to be in reach whatever is open: outside of a modal dialog nothing can be pressed. */
export const Aside = createContext<ComponentChildren>(null);

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
    const before = document.activeElement;
    element.current?.showModal();
    // The browser does so itself where the dialog is closed before it goes.
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
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
      {useContext(Aside)}
    </dialog>
  );
}
