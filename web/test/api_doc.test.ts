/** What docs/api.md says of the API: its examples type-check, and nothing public is left out. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as api from "../src/index.js";
import { settingsFrom } from "../src/settings.js";

/** From the place where tests are bundled to and run: web/dist/test/test. */
const web = new URL("../../../", import.meta.url);
const page = readFileSync(new URL("../docs/api.md", web), "utf8");
const source = (name: string): string => readFileSync(new URL(`src/${name}`, web), "utf8");

/** What the examples take for granted. */
const setting = `
import type * as api from "membrane";
declare global {
  const membrane: api.Membrane;
  const id: string;
  const file: File;
}
`;

const options = {
  extends: fileURLToPath(new URL("tsconfig.json", web)),
  compilerOptions: {
    types: [],
    paths: { membrane: [fileURLToPath(new URL("src/index.ts", web))] },
    noUnusedLocals: false,
    isolatedModules: false,
    moduleDetection: "force",
  },
  include: ["*.ts"],
};

test("the examples type-check", () => {
  const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
  assert.ok(examples.length >= 10);
  const folder = new URL("dist/test/api_doc/", web);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const write = (name: string, text: string): void => writeFileSync(new URL(name, folder), text);
  write("tsconfig.json", JSON.stringify(options));
  write("setting.ts", setting);
  examples.forEach((code, index) => write(`example_${index + 1}.ts`, code));
  const compiler = fileURLToPath(new URL("node_modules/.bin/tsc", web));
  try {
    execFileSync(compiler, ["-p", fileURLToPath(folder)], { encoding: "utf8" });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
});

/** Names that stand in backquotes somewhere on the page. */
const named = new Set(
  [...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code?.match(/[\w-]+/g) ?? []),
);

function assertNamed(names: string[], of: string): void {
  assert.ok(names.length > 0);
  assert.deepEqual(
    names.filter((name) => !named.has(name)),
    [],
    `docs/api.md leaves out something of ${of}`,
  );
}

/** Declarations of a source that its documentation marks `@internal`. */
function internalsOf(text: string): Set<string> {
  const marked = text.matchAll(/@internal \*\/\s+(?:async )?(\w+)/g);
  return new Set([...marked].map(([, name]) => name as string));
}

/** All that the package exports, types too, by the names in its index. */
function exportedNames(): string[] {
  const lists = source("index.ts").matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  return [...lists].flatMap(([, list]) => list?.replace(/\btype\b/g, "").match(/\w+/g) ?? []);
}

test("all that is exported is on the page, with the public members of the classes", () => {
  const exported = exportedNames();
  assert.ok(Object.keys(api).every((name) => exported.includes(name)));
  assertNamed(exported, "the exports");
  const sources = {
    IncomingFile: "incoming_file",
    Membrane: "membrane",
    NetworkMap: "peers",
    Session: "session",
    Topic: "topic",
  };
  for (const [name, file] of Object.entries(sources)) {
    const internals = internalsOf(source(`${file}.ts`));
    const { prototype } = api[name as keyof typeof sources];
    const members = Object.getOwnPropertyNames(prototype).filter(
      (member) => member !== "constructor" && member !== "addEventListener",
    );
    assertNamed(
      members.filter((member) => !internals.has(member)),
      name,
    );
  }
});

/** The members of an interface in a source, as they are written there. */
function membersOf(file: string, name: string): string[] {
  const [, body] = new RegExp(`interface ${name} [^{]*{\\n(.*?)^}`, "ms").exec(source(file)) ?? [];
  const lines = body?.matchAll(/^ {2}(?:readonly )?"?([\w-]+)"?[?(:]/gm) ?? [];
  return [...lines].map(([, member]) => member as string);
}

test("every option and event is on the page", () => {
  const interfaces: Record<string, string[]> = {
    "options.ts": [
      "AcceptRequest",
      "JoinOptions",
      "ConnectOptions",
      "SendOptions",
      "SendFileOptions",
    ],
    "events.ts": ["MembraneEvents"],
    "incoming_file.ts": ["IncomingFileEvents"],
    "stats.ts": ["ConnectionPath", "Stats", "SessionStats"],
    "session.ts": ["SessionEvents"],
    "topic.ts": ["SetOptions", "TopicEvents"],
    "peers.ts": ["NetworkMapEvents", "Peer"],
    "link.ts": ["Link"],
  };
  for (const [file, names] of Object.entries(interfaces)) {
    for (const name of names) assertNamed(membersOf(file, name), name);
  }
});

test("each error code has a row that says when it comes and what to do, and no other has", () => {
  const [, union] = /type MembraneErrorCode =(.*?);/s.exec(source("error.ts")) ?? [];
  const codes = [...(union?.matchAll(/"([a-z-]+)"/g) ?? [])].map(([, code]) => code);
  assert.ok(codes.length > 0);
  const [, table] = /^\| `code` \| when \| what to do \|\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page) ?? [];
  const rows = table?.trimEnd().split("\n") ?? [];
  const cells = rows.map((row) => /^\| `([a-z-]+)` \| (\S.*) \| (\S.*) \|$/.exec(row)?.slice(1));
  assert.deepEqual(
    cells.map((row) => row?.[0]),
    codes,
  );
});

test("the defaults that the page states are those of the code", () => {
  Object.assign(globalThis, { RTCPeerConnection: class {}, WebSocket: class {} });
  const { name, network, identity, storage, askLinks, timeout_ms, messageBytesMax } = settingsFrom(
    {},
  );
  const stated = {
    name: '`""`',
    network: '`"membrane"`',
    timeout_ms: "30,000",
    messageBytesMax: "256 MiB",
    acceptLinks: "`false`",
  };
  for (const [option, value] of Object.entries(stated)) {
    assert.ok(page.includes(`| \`${option}\` | ${value} |`), option);
  }
  assert.ok(page.includes('| `identity`, `storage` | `"ephemeral"`, `"membrane"` |'));
  assert.deepEqual(
    { name, network, identity, storage, askLinks, timeout_ms, messageBytesMax },
    {
      name: "",
      network: "membrane",
      identity: "ephemeral",
      storage: "membrane",
      askLinks: false,
      timeout_ms: 30_000,
      messageBytesMax: 256 * 2 ** 20,
    },
  );
});
