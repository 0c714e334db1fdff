import assert from "node:assert/strict";
import { test } from "node:test";
import { input, Input, Output } from "../src/abi.js";
import { Clock } from "../src/clock.js";
import { Core, type CoreHooks } from "../src/core.js";
import { coreModule } from "./network.js";

const configuration = {
  id: new Uint8Array(32).fill(1),
  sealingKey: new Uint8Array(32).fill(2),
  name: "Ada",
  network: "net",
  seed: new Uint8Array(32).fill(3),
  askLinks: false,
};

interface Heard {
  core: Core;
  work: number[];
  events: number[];
  deadlines: number[];
  pass: (steady_ms: number, wall_ms: number) => void;
}

async function coreWith(hooks: Partial<CoreHooks> = {}, settings = {}): Promise<Heard> {
  const [work, events, deadlines]: [number[], number[], number[]] = [[], [], []];
  let [steady, wall] = [0, 1_700_000_000_000];
  const clock = new Clock({ wall: () => wall, steady: () => steady });
  const core = await Core.create(coreModule, { ...configuration, ...settings }, clock, {
    work: (kind) => work.push(kind),
    woke: () => assert.fail("nobody slept"),
    event: (kind) => events.push(kind),
    deadline: (at) => deadlines.push(at),
    failed: (error) => assert.fail(String(error)),
    ...hooks,
  });
  const pass = (steadyBy: number, wallBy: number): void => {
    steady += steadyBy;
    wall += wallBy;
  };
  return { core, work, events, deadlines, pass };
}

const opened = input(Input.contactOpened).written;

test("the core asks for two functions and nothing else", () => {
  const imports = WebAssembly.Module.imports(coreModule);
  assert.deepEqual(imports.map(({ module, name, kind }) => `${module}.${name} ${kind}`).sort(), [
    "env.emscripten_notify_memory_growth function",
    "wasi_snapshot_preview1.proc_exit function",
  ]);
});

test("a core that met the server asks for a connection and sets a deadline", async () => {
  const { core, work, deadlines } = await coreWith();
  assert.equal(core.feed(opened), 0);
  assert.deepEqual(work, [Output.openConnection]);
  const deadline = deadlines.at(-1) as number;
  assert.ok(deadline > 1_700_000_000_000 && deadline < 1_700_000_060_000, String(deadline));
  core.destroy();
});

test("a configuration that breaks a limit makes no core", async () => {
  await assert.rejects(coreWith({}, { network: "x".repeat(65) }), /configuration/);
  await assert.rejects(coreWith({}, { id: new Uint8Array(31) }), /configuration/);
});

test("inputs that are none are refused with a phrase, and harm nothing", async () => {
  const { core, work } = await coreWith();
  for (const bytes of [[], [0], [63], [0xff], [3], [10, 1], [13, 1, 0, 0x80], [99, 1, 2]]) {
    const code = core.feed(new Uint8Array(bytes));
    assert.notEqual(code, 0, String(bytes));
    assert.match(core.errorText(code), /^[a-z ]+$/);
  }
  assert.match(core.errorText(9_999), /^[a-z ]+$/);
  core.feed(opened);
  assert.deepEqual(work, [Output.openConnection]);
  core.destroy();
});

test("an input larger than the kept room is taken whole", async () => {
  const { core } = await coreWith();
  const received = input(Input.linkReceived).int(5).u8(0).bytes(new Uint8Array(250_000)).written;
  assert.equal(core.feed(received), 0);
  const publish = input(Input.publish).text("t").bytes(new Uint8Array(65_536)).written;
  assert.equal(core.feed(publish), 0);
  const tooLarge = input(Input.publish).text("t").bytes(new Uint8Array(65_537)).written;
  assert.equal(core.errorText(core.feed(tooLarge)), "oversized");
  core.destroy();
});

test("inputs that arise while an output is carried out wait in line", async () => {
  const order: string[] = [];
  const heard: Heard = await coreWith({
    work: (kind) => {
      order.push(`work ${kind}`);
      if (kind !== Output.openConnection) return;
      const sdp = "v=0\r\n";
      assert.equal(heard.core.feed(input(Input.localDescription).int(1).text(sdp).written), 0);
      order.push("carried out");
    },
  });
  heard.core.feed(opened);
  assert.deepEqual(order.slice(0, 2), [`work ${Output.openConnection}`, "carried out"]);
  heard.core.destroy();
});

test("whoever slept is told once, before what was fed is carried out", async () => {
  const order: string[] = [];
  const heard: Heard = await coreWith({
    work: (kind) => order.push(`work ${kind}`),
    woke: () => {
      order.push("woke");
      assert.equal(heard.core.feed(input(Input.resume).written), 0);
    },
  });
  heard.pass(1_000, 3_600_000);
  assert.equal(heard.core.feed(opened), 0);
  heard.pass(1_000, 1_000);
  assert.equal(heard.core.feed(input(Input.tick).written), 0);
  assert.deepEqual(order, ["woke", `work ${Output.openConnection}`]);
  heard.core.destroy();
});

test("whoever is told of sleep finds nothing half done, and may destroy the core", async () => {
  const heard: Heard = await coreWith({
    woke: () => {
      heard.core.feed(opened);
      assert.deepEqual(heard.work, [Output.openConnection], "carried out at once");
      heard.core.destroy();
    },
  });
  heard.pass(1_000, 3_600_000);
  assert.equal(heard.core.feed(input(Input.tick).written), 0);
  assert.deepEqual(heard.work, [Output.openConnection]);
});

test("counters are pairs of name and number", async () => {
  const { core } = await coreWith();
  core.feed(opened);
  const counters = core.counters();
  assert.ok(Object.keys(counters).length > 5);
  for (const [name, value] of Object.entries(counters)) {
    assert.match(name, /^[a-z][a-z_ ]*$/);
    assert.ok(Number.isSafeInteger(value), name);
  }
  core.destroy();
});

test("a destroyed core takes nothing and tells nothing", async () => {
  const { core, work, events } = await coreWith();
  core.destroy();
  core.destroy();
  assert.equal(core.feed(opened), 0);
  assert.deepEqual(core.counters(), {});
  assert.deepEqual([work, events], [[], []]);
});

test("a core may be destroyed from within its own output", async () => {
  const heard: Heard = await coreWith({ work: () => heard.core.destroy() });
  assert.equal(heard.core.feed(opened), 0);
  assert.equal(heard.core.feed(opened), 0);
});

test("another module is told apart from the core", async () => {
  const empty = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  const hooks: CoreHooks = {
    work: () => undefined,
    woke: () => undefined,
    event: () => undefined,
    deadline: () => undefined,
    failed: () => undefined,
  };
  const clock = new Clock();
  await assert.rejects(Core.create(empty, configuration, clock, hooks));
});
