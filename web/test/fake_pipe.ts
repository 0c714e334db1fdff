import { Session, type SessionHost } from "../src/session.js";

export interface Piece {
  message: number;
  flags: number;
  total: number;
  data: Uint8Array<ArrayBuffer>;
}

/** A pipe that keeps what is written, with as much room as the test gives it. */
export class FakePipe implements SessionHost {
  readonly pieces: Piece[] = [];
  /** How many pieces may still be written. */
  room = Infinity;
  closes = 0;
  readonly relayed = false;
  readonly leads = false;
  connection: RTCPeerConnection | undefined;
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
    this.pieces.push({ message, flags, total, data: new Uint8Array(data) });
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

/** Two sessions at the ends of one channel. What is said passes in a turn of its own. */
export function sessionPair(): { ada: Session; bob: Session; pieces: Piece[] } {
  const pieces: Piece[] = [];
  const pipeTo = (other: () => Session): SessionHost => {
    const pipe = new FakePipe();
    pipe.write = (message, flags, total, data) => {
      const piece = { message, flags, total, data: new Uint8Array(data) };
      pieces.push(piece);
      queueMicrotask(() => deliver(other(), [piece]));
    };
    return pipe;
  };
  const ada: Session = new Session("bob", pipeTo(() => bob), 1_000_000);
  const bob: Session = new Session("ada", pipeTo(() => ada), 1_000_000);
  return { ada, bob, pieces };
}
