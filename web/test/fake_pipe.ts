import { Session, type SessionHost } from "../src/session.js";

export interface Piece {
  message: number;
  flags: number;
  total: number;
  data: Uint8Array;
}

/** A pipe that keeps what is written, with as much room as the test gives it. */
export class FakePipe implements SessionHost {
  readonly pieces: Piece[] = [];
  /** How many pieces may still be written. */
  room = Infinity;
  closes = 0;
  readonly relayed = false;
  #waiting: (() => void)[] = [];

  name(): string {
    return "Ada";
  }

  close(): void {
    this.closes += 1;
  }

  writable(): boolean {
    return this.room > 0;
  }

  onceWritable(callback: () => void): void {
    this.#waiting.push(callback);
  }

  write(message: number, flags: number, total: number, data: Uint8Array): void {
    this.room -= 1;
    this.pieces.push({ message, flags, total, data: data.slice() });
  }

  /** Makes room for so many pieces and tells who waits. */
  drain(room: number): void {
    this.room = room;
    for (const callback of this.#waiting.splice(0)) callback();
  }

  /** What was written since this was last asked. */
  take(): Piece[] {
    return this.pieces.splice(0);
  }
}

export function sessionWith(bytesMax = 1_000_000): { session: Session; pipe: FakePipe } {
  const pipe = new FakePipe();
  return { session: new Session("peer", pipe, bytesMax), pipe };
}

/** Hands pieces to a session, as its core would. */
export function deliver(session: Session, pieces: Piece[]): void {
  for (const { message, flags, total, data } of pieces) {
    session.takePiece(message, flags, total, data);
  }
}
