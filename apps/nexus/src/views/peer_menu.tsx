import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Nexus } from "../network/nexus.js";

/** Whose menu is asked for, and at which point of the page. */
export interface MenuPlace {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

interface Props {
  nexus: Nexus;
  place: MenuPlace;
  onChoose(id: string): void;
  onShow(id: string): void;
  onClose(): void;
}

/** What can be done with a peer, beside it; arrows move, Escape closes and gives the focus back. */
export function PeerMenu({ nexus, place: { id, x, y }, onChoose, onShow, onClose }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ x, y });
  useLayoutEffect(() => {
    const { width = 0, height = 0 } = element.current?.getBoundingClientRect() ?? {};
    setAt({
      x: Math.max(0, Math.min(x, innerWidth - width)),
      y: Math.max(0, Math.min(y, innerHeight - height)),
    });
  }, [x, y]);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.querySelector("button")?.focus();
    const outside = (event: Event): void => {
      if (!element.current?.contains(event.target as Node)) onClose();
    };
    addEventListener("pointerdown", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [id]);
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (!moveFocus(element.current, event.key)) return;
    event.preventDefault();
  };
  const after = (work: () => void) => (): void => {
    onClose();
    work();
  };
  const self = id === nexus.id;
  const state = nexus.talks.value.get(id)?.state.value ?? "closed";
  const open = state === "open";
  const ask = (): void => {
    onChoose(id);
    void nexus.ask(id);
  };
  return (
    <div
      ref={element}
      class="menu"
      role="menu"
      aria-label={nexus.nameOf(id)}
      style={{ left: `${at.x}px`, top: `${at.y}px` }}
      onKeyDown={key}
      onContextMenu={(event) => event.preventDefault()}
    >
      {!self && state === "closed" && nexus.isHere(id) && (
        <button role="menuitem" onClick={after(ask)}>
          Ask for a talk
        </button>
      )}
      {!self && (
        <button role="menuitem" class="outline" onClick={after(() => onChoose(id))}>
          {open ? "Open the talk" : "Show what was said"}
        </button>
      )}
      <button role="menuitem" class="outline" onClick={after(() => onShow(id))}>
        Show on the map
      </button>
      <button
        role="menuitem"
        class="outline"
        onClick={after(() => void navigator.clipboard.writeText(id).catch(() => undefined))}
      >
        Copy the id
      </button>
    </div>
  );
}

/** To another item of the menu; whether this key does that. */
function moveFocus(menu: HTMLElement | null, key: string): boolean {
  const items = [...(menu?.querySelectorAll("button") ?? [])];
  const now = items.indexOf(document.activeElement as HTMLButtonElement);
  const places: Record<string, number> = {
    ArrowDown: now + 1,
    ArrowUp: now - 1 + items.length,
    Home: 0,
    End: items.length - 1,
  };
  const next = places[key];
  if (next === undefined) return false;
  items[next % items.length]?.focus();
  return true;
}
