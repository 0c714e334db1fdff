import type { Session } from "./session.js";

/** Where a membrane stands: looking for others, a network of one, linked to others, gone. */
export type MembraneState = "joining" | "alone" | "joined" | "left";

/** The details of a membrane's events. */
export interface MembraneEvents {
  state: { state: MembraneState };
  "peer-added": { id: string; name: string };
  "peer-removed": { id: string };
  "peer-renamed": { id: string; name: string };
  "edge-added": { a: string; b: string };
  "edge-removed": { a: string; b: string };
  "link-up": { id: string };
  "link-down": { id: string; reason: string };
  /** A session opened, whoever asked for it. */
  session: { session: Session };
  "session-closed": { id: string; reason: string };
  "connect-failed": { id: string; reason: string };
  /** The line to the first-contact server came up, or ended with an error. */
  server: { up: boolean; error?: string };
  /** A message to any topic. */
  message: { topic: string; origin: string; sequence: number; data: Uint8Array<ArrayBuffer> };
}

/** Tells the application one event. */
export type Tell = <Type extends keyof MembraneEvents>(
  type: Type,
  detail: MembraneEvents[Type],
) => void;
