import assert from "node:assert/strict";
import { File } from "node:buffer";
import { test } from "node:test";
import { MembraneError } from "../src/error.js";
import { readHeader, readReceipt, writeHeader, writeReceipt } from "../src/file_header.js";
import type { IncomingFile } from "../src/incoming_file.js";
import {
  fileWindowBytes,
  incomingFilesMax,
  pieceCancelled,
  pieceFile,
  pieceFirst,
  pieceLast,
  pieceReceipt,
} from "../src/pieces.js";
import type { Session } from "../src/session.js";
import { deliver, type Piece, sessionPair, sessionWith } from "./fake_pipe.js";

const rejectsWith = (promise: Promise<unknown>, code: string): Promise<void> =>
  assert.rejects(promise, (error) => error instanceof MembraneError && error.code === code);

const bytesOf = (size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 255);

const nextFile = (session: Session): Promise<IncomingFile> =>
  new Promise((resolve) => session.on("file", ({ file }) => resolve(file)));

/** Runs whatever microtasks and stream steps there are. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; ++turn) await new Promise((resolve) => setImmediate(resolve));
}

const sentOf = (pieces: Piece[], message: number): number =>
  pieces
    .filter((piece) => piece.message === message && (piece.flags & pieceReceipt) === 0)
    .reduce((sum, { data, flags }) => sum + ((flags & pieceFirst) === 0 ? data.length : 0), 0);

test("a file arrives with its name and type, and its sender learns that it did", async () => {
  const { ada, bob } = sessionPair();
  const content = bytesOf(1_000_003);
  const taken: number[] = [];
  const sent = ada.sendFile(new File([content], "Möwe.png", { type: "image/png" }) as unknown as Blob, {
    onProgress: (bytes, total) => taken.push(bytes) && assert.equal(total, content.length),
  });
  const file = await nextFile(bob);
  assert.deepEqual([file.name, file.type, file.size], ["Möwe.png", "image/png", content.length]);
  const received: number[] = [];
  file.on("progress", ({ received: bytes }) => received.push(bytes));
  const blob = await file.blob();
  await sent;
  assert.equal(blob.type, "image/png");
  assert.equal(Buffer.compare(Buffer.from(await blob.arrayBuffer()), content), 0);
  assert.equal(taken.at(-1), content.length);
  assert.equal(received.at(-1), content.length);
});

test("a Blob may be named; without a name it is a file", async () => {
  const { ada, bob } = sessionPair();
  const files: IncomingFile[] = [];
  bob.on("file", ({ file }) => files.push(file));
  void ada.sendFile(new Blob(["a"]), { name: "notes.txt", type: "text/plain" });
  void ada.sendFile(new Blob(["b"]));
  await settled();
  assert.deepEqual(
    files.map(({ name, type }) => [name, type]),
    [
      ["notes.txt", "text/plain"],
      ["file", ""],
    ],
  );
  assert.equal(await (await (files[1] as IncomingFile).blob()).text(), "b");
});

test("an empty file is a file", async () => {
  const { ada, bob } = sessionPair();
  const sent = ada.sendFile(new Blob([]), { name: "empty" });
  assert.equal((await (await nextFile(bob)).blob()).size, 0);
  await sent;
});

test("nothing is sent before it is read, then no more than the reader keeps up with", async () => {
  const { ada, bob, pieces } = sessionPair();
  const content = new Blob([new Uint8Array(3 * fileWindowBytes)]);
  const sent = ada.sendFile(content);
  const file = await nextFile(bob);
  await settled();
  assert.equal(sentOf(pieces, 0), 0);
  const reader = file.stream().getReader();
  await settled();
  for (let turn = 0; turn < 100; ++turn) await settled();
  assert.equal(sentOf(pieces, 0), fileWindowBytes, "the reader has taken nothing");
  let taken = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    taken += value.length;
    assert.ok(sentOf(pieces, 0) <= taken + fileWindowBytes);
  }
  assert.equal(taken, content.size);
  await sent;
});

test("messages pass while a file waits for its reader", async () => {
  const { ada, bob } = sessionPair();
  const heard: unknown[] = [];
  bob.on("message", ({ data }) => heard.push(data));
  const sent = ada.sendFile(new Blob([new Uint8Array(100_000)]));
  await ada.send("meanwhile");
  await settled();
  assert.deepEqual(heard, ["meanwhile"]);
  await (await nextFile(bob)).blob();
  await sent;
});

test("files wait for the first listener; those given up meanwhile are not told", async () => {
  const { ada, bob } = sessionPair();
  const giving = new AbortController();
  const first = ada.sendFile(new Blob(["1"]), { name: "first", signal: giving.signal });
  const second = ada.sendFile(new Blob(["2"]), { name: "second" });
  await settled();
  giving.abort();
  await rejectsWith(first, "aborted");
  await settled();
  const file = await nextFile(bob);
  assert.equal(file.name, "second");
  await file.blob();
  await second;
});

test("a refused file is not sent", async () => {
  const { ada, bob, pieces } = sessionPair();
  const sent = ada.sendFile(new Blob([bytesOf(50_000)]));
  (await nextFile(bob)).refuse();
  await rejectsWith(sent, "refused");
  await settled();
  assert.equal(sentOf(pieces, 0), 0);
  await ada.send("still here");
});

test("a reader that cancels its stream refuses the rest", async () => {
  const { ada, bob, pieces } = sessionPair();
  const sent = ada.sendFile(new Blob([new Uint8Array(3 * fileWindowBytes)]));
  const reader = (await nextFile(bob)).stream().getReader();
  await reader.read();
  await reader.cancel();
  await rejectsWith(sent, "refused");
  await settled();
  const last = pieces.filter(({ message, flags }) => message === 0 && !(flags & pieceReceipt)).at(-1);
  assert.equal((last?.flags ?? 0) & pieceCancelled, pieceCancelled);
  assert.ok(sentOf(pieces, 0) < 2 * fileWindowBytes);
});

test("a reader whose signal fires refuses the rest", async () => {
  const { ada, bob } = sessionPair();
  const sent = ada.sendFile(new Blob([new Uint8Array(3 * fileWindowBytes)]));
  const file = await nextFile(bob);
  const stop = new AbortController();
  file.on("progress", () => stop.abort());
  await Promise.all([
    rejectsWith(file.blob({ signal: stop.signal }), "aborted"),
    rejectsWith(sent, "refused"),
  ]);
  await rejectsWith(file.blob(), "invalid-argument");
});

test("when the sender gives up midway the reader learns of it, and the session goes on", async () => {
  const { ada, bob } = sessionPair();
  const giving = new AbortController();
  const sent = ada.sendFile(new Blob([new Uint8Array(3 * fileWindowBytes)]), {
    signal: giving.signal,
    onProgress: (taken) => taken > 0 && giving.abort(),
  });
  const file = await nextFile(bob);
  await Promise.all([rejectsWith(sent, "aborted"), rejectsWith(file.blob(), "aborted")]);
  const heard = new Promise((resolve) => bob.on("message", ({ data }) => resolve(data)));
  await ada.send("sorry");
  assert.equal(await heard, "sorry");
});

test("when the session ends both sides learn of it", async () => {
  const { ada, bob } = sessionPair();
  const sent = ada.sendFile(new Blob([new Uint8Array(3 * fileWindowBytes)]));
  const read = (await nextFile(bob)).blob();
  ada.end("goodbye");
  bob.end("goodbye");
  await Promise.all([rejectsWith(sent, "closed"), rejectsWith(read, "closed")]);
  await rejectsWith(ada.sendFile(new Blob(["late"])), "closed");
});

test("what has arrived whole can be read after the session has ended", async () => {
  const { ada, bob } = sessionPair();
  void ada.sendFile(new Blob([bytesOf(100_000)])).catch(() => {});
  const file = await nextFile(bob);
  const stream = file.stream();
  for (let turn = 0; file.received < file.size && turn < 100; ++turn) await settled();
  bob.end("goodbye");
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  assert.equal(bytes, 100_000);
});

test("bad calls are told", async () => {
  const { ada } = sessionPair();
  await rejectsWith(ada.sendFile("text" as unknown as Blob), "invalid-argument");
  await rejectsWith(ada.sendFile(new Blob([]), { name: "x".repeat(256) }), "invalid-argument");
  await rejectsWith(ada.sendFile(new Blob([]), { type: "x".repeat(128) }), "invalid-argument");
  for (let file = 0; file < incomingFilesMax; ++file)
    void ada.sendFile(new Blob(["x"])).catch(() => {});
  await rejectsWith(ada.sendFile(new Blob(["x"])), "busy");
  ada.end("over");
});

test("a name cannot lead out of a folder, hide, or reach over a line; a type is a media type", () => {
  const named = (name: string, type = ""): unknown =>
    readHeader(new Uint8Array(writeHeader({ name, type })));
  const name = (from: string): string => (named(from) as { name: string }).name;
  assert.equal(name("../../etc/passwd"), "__.._etc_passwd");
  assert.equal(name("C:\\autorun.inf"), "C__autorun.inf");
  assert.equal(name(".bashrc"), "_bashrc");
  assert.equal(name("photo\u202Egnp.exe"), "photo_gnp.exe");
  assert.equal(name("two\nlines"), "two_lines");
  assert.equal(name("   "), "_");
  assert.equal(name(""), "file");
  assert.deepEqual(named("a", "text/html; charset=x"), { name: "a", type: "" });
  assert.deepEqual(named("a", "image/svg+xml"), { name: "a", type: "image/svg+xml" });
});

// ---- Attacks ------------------------------------------------------------------------------------

const header = new Uint8Array(writeHeader({ name: "a", type: "" }));
const offer = (message: number, size: number, data = header): Piece => ({
  message,
  flags: pieceFirst | pieceFile,
  total: data.length + size,
  data,
});
const more = (message: number, size: number, flags = 0): Piece => ({
  message,
  flags,
  total: 0,
  data: new Uint8Array(size),
});
const receipt = (message: number, file: number, taken: number): Piece => {
  const data = new Uint8Array(writeReceipt({ file, taken, refused: false }));
  return { message, flags: pieceFirst | pieceLast | pieceReceipt, total: data.length, data };
};

/** Asserts that these pieces end the session, for this reason. */
function breaks(reason: string, pieces: Piece[], read = false): void {
  const { session, pipe } = sessionWith();
  session.on("file", ({ file }) => {
    if (read) file.stream().getReader().read().catch(() => {});
  });
  deliver(session, pieces);
  assert.equal(pipe.closes, 1, reason);
  assert.equal(session.end("closed"), reason);
}

test("whoever sends what was not asked for, or too much, loses the session", () => {
  breaks("file sent unasked", [offer(0, 100_000), more(0, 16_000)]);
  const pieces = Array.from({ length: fileWindowBytes / 16_000 + 1 }, () => more(0, 16_000));
  breaks("file sent unasked", [offer(0, 100_000_000), ...pieces], true);
  breaks("wrong message size", [offer(0, 100), more(0, 101)], true);
  breaks("wrong message size", [offer(0, 100), more(0, 99, pieceLast)], true);
});

test("headers and receipts that are none end the session", () => {
  breaks("malformed file", [offer(0, 10, new Uint8Array(3).fill(255))]);
  breaks("malformed file", [offer(0, 10, new Uint8Array([...header, 0]))]);
  breaks("malformed file", [{ ...offer(0, 10), total: 1 }]);
  const long = new Uint8Array(302).fill(65);
  long.set([0x41, 0x2b]); // a name of 299 bytes
  breaks("malformed file", [offer(0, 10, long)]);
  breaks("malformed receipt", [{ ...receipt(0, 0, 0), data: new Uint8Array(3).fill(255) }]);
  assert.equal(readReceipt(new Uint8Array([1, 2, 0, 0])), undefined);
});

test("a receipt for what was not sent ends the session; one for no file is of no account", async () => {
  const { session, pipe } = sessionWith();
  const sent = session.sendFile(new Blob(["abc"]));
  sent.catch(() => {});
  deliver(session, [receipt(0, 7, 1_000)]);
  assert.equal(pipe.closes, 0);
  deliver(session, [receipt(1, 0, 3)]);
  assert.equal(pipe.closes, 1);
  assert.equal(session.end("closed"), "receipt for what was not sent");
  await rejectsWith(sent, "closed");
});

test("of more files than are taken at once the others are refused", () => {
  const { session, pipe } = sessionWith();
  const offers = Array.from({ length: 40 }, (_, message) => offer(message, 10));
  deliver(session, offers);
  assert.equal(pipe.closes, 0);
  const refused = pipe.take().map(({ data }) => readReceipt(data));
  assert.equal(refused.length, 40 - incomingFilesMax);
  assert.ok(refused.every((answer) => answer?.refused === true));
});

test("a file that comes while nobody listens waits for the next one who does", async () => {
  const { ada, bob } = sessionPair();
  const nobody = bob.on("file", () => assert.fail("no longer listening"));
  nobody();
  const sent = ada.sendFile(new Blob(["late"]));
  await settled();
  const file = await nextFile(bob);
  assert.equal(await (await file.blob()).text(), "late");
  await sent;
});

test("a file becomes a Blob where streams cannot be looped over", async () => {
  const { prototype } = ReadableStream;
  const kept = Object.getOwnPropertyDescriptor(prototype, Symbol.asyncIterator) as PropertyDescriptor;
  const without = prototype as { [Symbol.asyncIterator]?: unknown };
  const { ada, bob } = sessionPair();
  const sent = ada.sendFile(new Blob(["whole"]));
  const file = await nextFile(bob);
  delete without[Symbol.asyncIterator];
  try {
    const blob = await file.blob();
    await sent;
    assert.equal(blob.size, 5);
  } finally {
    Object.defineProperty(prototype, Symbol.asyncIterator, kept);
  }
});
