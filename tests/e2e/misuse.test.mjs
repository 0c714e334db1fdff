// What a page gets that uses the API wrongly: the error that docs/api.md states, at once, and
// everything else goes on. Nothing hangs, nothing untyped is thrown.
import assert from "node:assert/strict";
import { Census } from "./helper/census.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** Two tabs that have joined and talk; the first one's page knows the session as `session`. */
async function talkingPair(world, beforeJoin = () => undefined) {
  const server = await world.server();
  const pair = [await world.openPeer(server), await world.openPeer(server)];
  for (const one of pair) {
    await beforeJoin(one);
    await one.join(server);
  }
  const [peer, other] = pair;
  assert.equal((await peer.connect(other.id)).outcome, "connected");
  await peer.run((id) => {
    globalThis.session = globalThis.e2e.membrane.sessions.get(id);
  }, other.id);
  await until("the other side has the session", () =>
    other.run((id) => globalThis.e2e.membrane.sessions.has(id), peer.id),
  );
  return { server, pair };
}

/** Whether both still are in one network and can talk. */
async function goesOn(world, [peer, other]) {
  await world.wholeMaps([peer, other]);
  const outcome = await peer.run(async (id) => {
    const { membrane } = globalThis.e2e;
    return globalThis.e2e.outcome(async () => (await membrane.connect(id)).send("still here"));
  }, other.id);
  assert.equal(outcome, "done");
  const arrived = () =>
    other.run(() => globalThis.e2e.received.some(({ data }) => data?.head === "still here"));
  await until("a message arrives", arrived);
}

/** Fails unless every one of these outcomes is the expected one. */
function assertAll(outcomes, expected) {
  const others = Object.entries(outcomes).filter(([, outcome]) => outcome !== expected);
  assert.deepEqual(Object.fromEntries(others), {}, `not all are ${expected}`);
  assert.ok(Object.keys(outcomes).length > 0);
}

scenario("join with arguments of another kind is invalid-argument", async (world) => {
  const server = await world.server();
  const peer = await world.openPeer(server);
  const outcomes = await peer.run((address) => {
    const { Membrane, outcomes } = globalThis.e2e;
    const calls = {};
    for (const wrong of [undefined, null, "", 5, {}, true, "http://[", "ftp://127.0.0.1/"]) {
      calls[`server ${String(wrong)}`] = () => Membrane.join(wrong);
    }
    calls["server a symbol"] = () => Membrane.join(Symbol("no address"));
    for (const wrong of [null, 5, "name", Symbol("no options")]) {
      calls[`options ${String(wrong)}`] = () => Membrane.join(address, wrong);
    }
    const options = {
      name: [5, {}, "n".repeat(65), "€".repeat(22)],
      network: [5, "", "n".repeat(65)],
      identity: [5, "lasting ", {}],
      storage: [5, {}],
      accept: [true, "yes", {}],
      acceptLinks: [1, "yes"],
      iceServers: [5, "stun:127.0.0.1", [5], [{}], [{ urls: "http://127.0.0.1" }]],
      rtc: [5, "relay", { iceTransportPolicy: "none" }, { iceServers: 5 }],
      timeout_ms: [0, -1, Number.NaN, "1000"],
      messageBytesMax: [0, -1, Number.NaN, "1000"],
      signal: [5, {}, new AbortController()],
      wasm: [5, {}, "/membrane/membrane.wasm"],
    };
    for (const [name, values] of Object.entries(options)) {
      values.forEach((value, index) => {
        calls[`${name} ${index}`] = () => Membrane.join(address, { [name]: value });
      });
    }
    return outcomes(calls);
  }, server.address);
  world.say(`${Object.keys(outcomes).length} wrong calls`);
  assertAll(outcomes, "invalid-argument");
  const unloadable = await peer.run((address) => {
    const wasm = new Uint8Array([1, 2, 3]);
    return globalThis.e2e.outcome(() => globalThis.e2e.Membrane.join(address, { wasm }));
  }, server.address);
  assert.equal(unloadable, "unsupported");
  await peer.join(server, { timeout_ms: 2 ** 40, identity: undefined, signal: null });
});

scenario("members called with arguments of another kind are invalid-argument", async (world) => {
  const { pair } = await talkingPair(world);
  const [peer, other] = pair;
  const outcomes = await peer.run(async (id) => {
    const { membrane, outcomes } = globalThis.e2e;
    const calls = {};
    const wrongIds = [undefined, null, 5, {}, "", "nobody", id.slice(1), id.toUpperCase()];
    wrongIds.push(`${id.slice(0, -1)}z`, membrane.id, Symbol("no id"), Object.create(null));
    wrongIds.forEach((wrong, index) => {
      calls[`connect ${index}`] = () => membrane.connect(wrong);
      calls[`disconnect ${index}`] = () => membrane.disconnect(wrong);
    });
    const wrongOptions = [null, 5, { signal: 5 }, { signal: {} }, { signal: new AbortController() }];
    [...wrongOptions, { session: "no" }].forEach((wrong, index) => {
      calls[`connect options ${index}`] = () => membrane.connect(id, wrong);
    });
    for (const wrong of [undefined, null, 5, {}, "n".repeat(65)]) {
      calls[`rename ${String(wrong)}`] = () => membrane.rename(wrong);
    }
    for (const wrong of [undefined, null, 5, {}, "", "n".repeat(65)]) {
      calls[`topic ${String(wrong)}`] = () => membrane.topic(wrong);
    }
    for (const target of [membrane, membrane.map, membrane.topic("t"), globalThis.session]) {
      for (const wrong of [undefined, null, 5, {}]) {
        calls[`on ${target.constructor.name} ${String(wrong)}`] = () => target.on("state", wrong);
      }
    }
    const { session } = globalThis;
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const notData = [undefined, null, 5, true, {}, [1], Symbol("no data"), gone, gone.buffer];
    [...notData, () => "text"].forEach((wrong, index) => {
      calls[`send ${index}`] = () => session.send(wrong);
    });
    for (const wrong of [undefined, null, "text", new Uint8Array(1), {}]) {
      calls[`sendFile ${String(wrong)}`] = () => session.sendFile(wrong);
    }
    const file = new Blob(["text"]);
    [...wrongOptions, { onProgress: 5 }].forEach((wrong, index) => {
      calls[`send options ${index}`] = () => session.send("text", wrong);
      calls[`sendFile options ${index}`] = () => session.sendFile(file, wrong);
    });
    for (const wrong of [{ name: 5 }, { name: "n".repeat(256) }, { type: 5 }]) {
      calls[`sendFile ${JSON.stringify(wrong)}`] = () => session.sendFile(file, wrong);
    }
    return outcomes(calls);
  }, other.id);
  world.say(`${Object.keys(outcomes).length} wrong calls`);
  assertAll(outcomes, "invalid-argument");
  assert.equal(await peer.run(() => globalThis.e2e.membrane.neighbors(5).size), 0);
  await goesOn(world, pair);
});

scenario("topics called with arguments of another kind are invalid-argument", async (world) => {
  const { pair } = await talkingPair(world);
  const outcomes = await pair[0].run(() => {
    const topic = globalThis.e2e.membrane.topic("chat");
    const cycle = {};
    cycle.cycle = cycle;
    const hostile = {
      toJSON() {
        throw new Error("no");
      },
    };
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const calls = { "publish nothing": () => topic.publish(undefined) };
    [Symbol("no JSON"), 1n, cycle, hostile, () => 1, gone].forEach((wrong, index) => {
      calls[`publish ${index}`] = () => topic.publish(wrong);
      calls[`set ${index}`] = () => topic.set("key", wrong);
    });
    for (const wrong of [undefined, null, 5, {}, "k".repeat(65)]) {
      calls[`key ${String(wrong)}`] = () => topic.set(wrong, 1);
    }
    for (const wrong of [null, 5, "60"]) {
      calls[`options ${String(wrong)}`] = () => topic.set("key", 1, wrong);
    }
    for (const wrong of ["60", 60n, Number.NaN, -1, 29, 86_401, 60 + 2 ** 32, 60 - 2 ** 32, Infinity]) {
      calls[`lifetime ${typeof wrong} ${wrong}`] = () => topic.set("key", 1, { lifetime_s: wrong });
    }
    return globalThis.e2e.outcomes(calls);
  });
  assertAll(outcomes, "invalid-argument");
  await goesOn(world, pair);
});

scenario("identities called with arguments of another kind are invalid-argument", async (world) => {
  const server = await world.server();
  const peer = await world.openPeer(server);
  const outcomes = await peer.run(async () => {
    const { Identity } = globalThis.e2e;
    const identity = await Identity.create();
    const bytes = new Uint8Array(64);
    const calls = {};
    for (const wrong of [undefined, null, 5, {}]) {
      calls[`load ${String(wrong)}`] = () => Identity.load(wrong);
      calls[`forget ${String(wrong)}`] = () => Identity.forget(wrong);
    }
    for (const wrong of [undefined, null, 5, {}, "text", [1, 2]]) {
      calls[`sign ${String(wrong)}`] = () => identity.sign(wrong);
      for (const at of [0, 1, 2]) {
        const values = [identity.id, bytes, bytes].with(at, wrong);
        calls[`verify ${at} ${String(wrong)}`] = () => identity.verify(...values);
        calls[`open ${at} ${String(wrong)}`] = () => identity.open(...values);
      }
    }
    return globalThis.e2e.outcomes(calls);
  });
  assertAll(outcomes, "invalid-argument");
});

scenario("a gigabyte is too-large for everything but a file, and takes no memory", async (world) => {
  let census;
  const { pair } = await talkingPair(world, async (peer) => (census ??= await Census.begin(peer)));
  const [peer] = pair;
  const before = await census.take();
  const outcomes = await peer.run(async () => {
    const { membrane, outcomes } = globalThis.e2e;
    const { session } = globalThis;
    const topic = membrane.topic("chat");
    const bytes = new ArrayBuffer(1e9);
    const part = new Blob([new Uint8Array(1e6)]);
    // As long as strings can be in this browser.
    const text = "x".repeat(2 ** 29 - 24);
    const large = [bytes, new Uint8Array(bytes), new DataView(bytes), text];
    const calls = { "send a Blob": () => session.send(new Blob(Array(1_000).fill(part))) };
    large.forEach((data, index) => {
      calls[`send ${index}`] = () => session.send(data);
      calls[`publish ${index}`] = () => topic.publish(data);
      calls[`set ${index}`] = () => topic.set("key", data);
    });
    calls["just above a session's limit"] = () => session.send(new Uint8Array(2 ** 28 + 1));
    calls["just above a topic's limit"] = () => topic.publish(new Uint8Array(2 ** 16 + 1));
    calls["just above a value's limit"] = () => topic.set("key", new Uint8Array(4_097));
    return outcomes(calls);
  });
  assertAll(outcomes, "too-large");
  const after = await census.take();
  world.say(`heap ${before.heapBytes} → ${after.heapBytes} bytes`);
  world.say(`core ${before.memoryBytes} → ${after.memoryBytes} bytes`);
  assert.ok(after.heapBytes < before.heapBytes + 1e6);
  assert.equal(after.memoryBytes, before.memoryBytes);
  await goesOn(world, pair);
}, { chromium: "its debugger counts what a page holds" });

scenario("a message that the other side does not take ends the session, closed", async (world) => {
  const server = await world.server();
  const peer = await world.join(server);
  const small = await world.join(server, { messageBytesMax: 100_000 });
  assert.equal((await peer.connect(small.id)).outcome, "connected");
  const outcome = await peer.run((id) => {
    const session = globalThis.e2e.membrane.sessions.get(id);
    return globalThis.e2e.outcome(() => session.send(new Uint8Array(20_000_000)));
  }, small.id);
  assert.equal(outcome, "closed");
  const ended = () => small.run(() => globalThis.e2e.received.find(({ reason }) => reason)?.reason);
  assert.equal(await until("the session has ended", ended), "message too large");
  await goesOn(world, [peer, small]);
});

scenario("a page joins twice: other identities are two peers, the same one is busy", async (world) => {
  const server = await world.server();
  const peer = await world.openPeer(server);
  const outcomes = await peer.run(async (address) => {
    const { Identity, Membrane, outcome } = globalThis.e2e;
    await Identity.create();
    const identity = await Identity.load("twice");
    const same = await Identity.load("twice");
    const first = await Membrane.join(address, { identity });
    const others = await Promise.all([
      Membrane.join(address),
      Membrane.join(address, { identity: "lasting" }),
      Membrane.join(address, { identity: "lasting" }),
    ]);
    const ids = new Set([first, ...others].map(({ id }) => id));
    const result = {
      ids: ids.size,
      again: await outcome(() => Membrane.join(address, { identity })),
      loadedAgain: await outcome(() => Membrane.join(address, { identity: same })),
      stillIn: first.state,
      elsewhere: await outcome(async () => {
        await (await Membrane.join(address, { identity, network: "elsewhere" })).close();
      }),
    };
    await first.close();
    result.afterClose = await outcome(async () => {
      const back = await Membrane.join(address, { identity });
      await back.close();
    });
    await Promise.all(others.map((other) => other.close()));
    return result;
  }, server.address);
  assert.deepEqual(outcomes, {
    ids: 4,
    again: "busy",
    loadedAgain: "busy",
    stillIn: "joined",
    elsewhere: "done",
    afterClose: "done",
  });
});

scenario("nobody has that id: unreachable", async (world) => {
  const { pair } = await talkingPair(world);
  const unknown = "a".repeat(52);
  assert.equal((await pair[0].connect(unknown)).outcome, "MembraneError unreachable");
  assert.equal(
    (await pair[0].connect(unknown, { session: false })).outcome,
    "MembraneError unreachable",
  );
  await pair[0].run((id) => globalThis.e2e.membrane.disconnect(id), unknown);
  await goesOn(world, pair);
});

scenario("a session after its end: closed, and closing again does nothing", async (world) => {
  const { pair } = await talkingPair(world);
  const outcomes = await pair[0].run(async () => {
    const { session } = globalThis;
    const { outcome } = globalThis.e2e;
    const writer = session.writable.getWriter();
    session.close();
    session.close();
    const sentAtOnce = await outcome(() => session.send("text"));
    const reason = await session.closed;
    session.close();
    const messages = [];
    for await (const message of session) messages.push(message);
    const { done } = await session.readable.getReader().read();
    return {
      sentAtOnce,
      reason,
      messages,
      done,
      send: await outcome(() => session.send("text")),
      sendFile: await outcome(() => session.sendFile(new Blob(["text"]))),
      write: await outcome(() => writer.write("text")),
      stats: await outcome(() => session.stats()),
      listen: await outcome(() => session.on("message", () => undefined)),
    };
  });
  assert.deepEqual(outcomes, {
    sentAtOnce: "closed",
    reason: "closed",
    messages: [],
    done: true,
    send: "closed",
    sendFile: "closed",
    write: "closed",
    stats: "done",
    listen: "done",
  });
  await goesOn(world, pair);
});

scenario("a membrane after its end: closed, loops end, closing again is the same", async (world) => {
  const { pair } = await talkingPair(world);
  const outcomes = await pair[0].run(async (id) => {
    const { membrane, outcome } = globalThis.e2e;
    const { session } = globalThis;
    const topic = membrane.topic("chat");
    const link = membrane.links.get(id);
    const waiting = outcome(() => membrane.connect("a".repeat(52), {}));
    const same = membrane.close() === membrane.close();
    await membrane.close();
    const untilEnd = async (messages) => {
      for await (const message of messages) throw new Error(`unexpected: ${message}`);
    };
    return {
      same,
      waiting: (await waiting) === "closed" || (await waiting) === "unreachable",
      reason: await membrane.closed,
      state: membrane.state,
      connect: await outcome(() => membrane.connect(id)),
      connectForLink: await outcome(() => membrane.connect(id, { session: false })),
      publish: await outcome(() => topic.publish("text")),
      set: await outcome(() => topic.set("key", 1)),
      send: await outcome(() => session.send("text")),
      loop: await outcome(() => untilEnd(topic)),
      newTopic: await outcome(() => untilEnd(membrane.topic("new"))),
      newTopicPublish: await outcome(() => membrane.topic("new").publish("text")),
      sessionLoop: await outcome(() => untilEnd(session)),
      disconnect: await outcome(() => membrane.disconnect(id)),
      linkClose: await outcome(() => link.close()),
      rename: await outcome(() => membrane.rename("Ada")),
      stats: await outcome(() => membrane.stats()),
      counters: Object.keys(membrane.counters).length,
    };
  }, pair[1].id);
  assert.deepEqual(outcomes, {
    same: true,
    waiting: true,
    reason: "the membrane was closed",
    state: "left",
    connect: "closed",
    connectForLink: "closed",
    publish: "closed",
    set: "closed",
    send: "closed",
    loop: "done",
    newTopic: "done",
    newTopicPublish: "closed",
    sessionLoop: "done",
    disconnect: "done",
    linkClose: "done",
    rename: "done",
    stats: "done",
    counters: 0,
  });
});

/** Has the second peer keep the next file that it is offered as `file`. */
async function offerFile([peer, other], size, options = {}) {
  await other.run((id) => {
    globalThis.offered = new Promise((resolve) => {
      globalThis.e2e.membrane.sessions.get(id).on("file", ({ file }) => resolve(file));
    });
  }, peer.id);
  await peer.run((length, how) => {
    globalThis.giveUp = new AbortController();
    const bytes = new Uint8Array(length);
    const settings = { ...how, signal: globalThis.giveUp.signal };
    const sending = () => globalThis.session.sendFile(new Blob([bytes]), settings);
    globalThis.sending = globalThis.e2e.outcome(sending);
  }, size, options);
  await other.run(async () => {
    globalThis.file = await globalThis.offered;
  });
}

scenario("a file or a stream is read once: again is invalid-argument", async (world) => {
  const { pair } = await talkingPair(world);
  const [peer, other] = pair;
  await offerFile(pair, 2_000_000, { name: "once" });
  const outcomes = await other.run(async () => {
    const { file } = globalThis;
    const { outcome, outcomes } = globalThis.e2e;
    const wrong = await outcomes({
      "options null": () => file.blob(null),
      "options 5": () => file.blob(5),
      "signal 5": () => file.blob({ signal: 5 }),
    });
    const reading = outcome(() => file.blob());
    const again = [await outcome(() => file.stream()), await outcome(() => file.blob())];
    const first = await reading;
    file.refuse();
    file.refuse();
    return { wrong, first, again: [...again, await outcome(() => file.stream())] };
  });
  assertAll(outcomes.wrong, "invalid-argument");
  assert.equal(outcomes.first, "done");
  assertAll(outcomes.again, "invalid-argument");
  assert.equal(await peer.run(() => globalThis.sending), "done");
  const streams = await peer.run(() => {
    const { session } = globalThis;
    const reader = session.readable.getReader();
    let second;
    try {
      session.readable.getReader();
    } catch (error) {
      second = error.name;
    }
    reader.releaseLock();
    return { same: session.readable === session.readable, second };
  });
  assert.deepEqual(streams, { same: true, second: "TypeError" });
  await goesOn(world, pair);
});

scenario("joining given up midway is aborted, and leaves nothing behind", async (world) => {
  const server = await world.server();
  const member = await world.join(server);
  const peer = await world.openPeer(server);
  const outcomes = await peer.run(async (address) => {
    const { Membrane, outcome } = globalThis.e2e;
    const sockets = [];
    const connections = [];
    const RealSocket = globalThis.WebSocket;
    const RealConnection = globalThis.RTCPeerConnection;
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    })();
    globalThis.WebSocket = class extends RealSocket {
      constructor(...values) {
        super(...values);
        sockets.push(this);
      }
    };
    globalThis.RTCPeerConnection = class extends RealConnection {
      constructor(...values) {
        super(...values);
        connections.push(this);
      }
      // As soon as the first connection is made with somebody.
      setLocalDescription(...values) {
        abort();
        return super.setLocalDescription(...values);
      }
    };
    const midway = await outcome(() => Membrane.join(address, { signal }));
    const before = await outcome(() => Membrane.join(address, { signal }));
    Object.assign(globalThis, { WebSocket: RealSocket, RTCPeerConnection: RealConnection, made: connections });
    return {
      midway,
      before,
      made: connections.length > 0 && sockets.length > 0,
      sockets: sockets.filter(({ readyState }) => readyState < 2).length,
    };
  }, server.address);
  assert.deepEqual(outcomes, { midway: "aborted", before: "aborted", made: true, sockets: 0 });
  await until("every connection is closed", () =>
    peer.run(() => globalThis.made.every(({ signalingState }) => signalingState === "closed")),
  );
  await world.wholeMaps([member]);
});

scenario("what is under way is given up: aborted; its session ends: closed", async (world) => {
  const { pair } = await talkingPair(world);
  const [peer, other] = pair;
  await offerFile(pair, 20_000_000);
  await other.run(() => {
    const reader = globalThis.file.stream().getReader();
    globalThis.reading = globalThis.e2e.outcome(async () => {
      while (!(await reader.read()).done);
    });
  });
  await peer.run(() => globalThis.giveUp.abort());
  assert.equal(await peer.run(() => globalThis.sending), "aborted");
  assert.equal(await other.run(() => globalThis.reading), "aborted");
  const outcomes = await peer.run(async (id) => {
    const { membrane, outcome } = globalThis.e2e;
    const { session } = globalThis;
    const large = () => new Uint8Array(100_000_000);
    const controller = new AbortController();
    const aborted = outcome(() => session.send(large(), { signal: controller.signal }));
    controller.abort();
    const bytes = large();
    const transferred = outcome(() => session.send(bytes));
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const ids = { gone: await transferred, aborted: await aborted };
    const waiting = [outcome(() => session.send(large())), outcome(() => session.send("text"))];
    waiting.push(outcome(() => session.sendFile(new Blob([large()]))));
    session.close();
    const back = new AbortController();
    const connecting = outcome(() => membrane.connect(id, { signal: back.signal }));
    back.abort();
    return { ...ids, closed: await Promise.all(waiting), connecting: await connecting };
  }, other.id);
  assert.deepEqual(outcomes, {
    gone: "invalid-argument",
    aborted: "aborted",
    closed: ["closed", "closed", "closed"],
    connecting: "aborted",
  });
  await goesOn(world, pair);
});

scenario("what listeners and callbacks throw is told to the page and stops nothing", async (world) => {
  // It is the page's own error, so the browser tells it as one that nobody caught.
  world.expectComplaint(/^uncaught: Error: ((Uncaught )?Error: )?thrown on purpose/);
  const { pair } = await talkingPair(world);
  const [peer, other] = pair;
  const thrower = () => {
    const { membrane } = globalThis.e2e;
    const fail = () => {
      throw new Error("thrown on purpose");
    };
    const types = ["state", "peer-added", "peer-removed", "edge-added", "edge-removed", "link-up"];
    for (const type of [...types, "link-down", "session", "session-closed", "message", "server"]) {
      membrane.on(type, fail);
    }
    membrane.map.on("change", fail);
    membrane.topic("chat").on("message", fail);
    membrane.topic("chat").on("state", fail);
    for (const session of membrane.sessions.values()) {
      for (const type of ["message", "progress", "file", "close"]) session.on(type, fail);
    }
    globalThis.fail = fail;
  };
  await Promise.all(pair.map((one) => one.run(thrower)));
  const outcomes = await peer.run(async () => {
    const { membrane, outcomes } = globalThis.e2e;
    const { fail, session } = globalThis;
    const options = { onProgress: fail };
    membrane.topic("chat").publish("text");
    membrane.topic("chat").set("key", 1);
    return outcomes({
      short: () => session.send("text", options),
      long: () => session.send(new Uint8Array(5_000_000), options),
      after: () => session.send("after"),
    });
  });
  assertAll(outcomes, "done");
  await until("all messages arrive", () =>
    other.run(() => globalThis.e2e.received.filter(({ data }) => data).length === 3),
  );
  await peer.run(() => globalThis.session.close());
  await goesOn(world, pair);
  const told = peer.complaints.filter((text) => text.includes("thrown on purpose")).length;
  assert.ok(told > 0);
});

scenario("accept that throws, rejects or answers no boolean refuses", async (world) => {
  // The page's own error; nothing else would tell of it.
  world.expectComplaint(/^console: membrane: accept failed/);
  const server = await world.server();
  const peer = await world.join(server);
  const shy = await world.openPeer(server);
  await shy.run(async (address) => {
    const answers = [
      () => {
        throw new Error("thrown on purpose");
      },
      () => Promise.reject(new Error("rejected on purpose")),
      () => "yes",
      () => undefined,
      () => true,
    ];
    globalThis.e2e.membrane = await globalThis.e2e.Membrane.join(address, {
      accept: () => answers.shift()(),
    });
  }, server.address);
  shy.id = await shy.run(() => globalThis.e2e.membrane.id);
  await world.wholeMaps([peer, shy]);
  for (let i = 0; i < 4; i++) {
    assert.equal((await peer.connect(shy.id)).outcome, "MembraneError refused");
  }
  assert.equal((await peer.connect(shy.id)).outcome, "connected");
});

scenario("accept that never answers: timed-out after a minute, closed with the asker", async (world) => {
  const server = await world.server();
  const peer = await world.join(server);
  const hasty = await world.join(server);
  const undecided = await world.join(server, { undecided: true });
  await world.wholeMaps([peer, hasty, undecided]);
  // Each has its own link to whom it asks, so that nobody's leaving is in the way of a question.
  for (const asker of [peer, hasty]) {
    const linked = () =>
      asker.run((id) => globalThis.e2e.membrane.links.has(id), undecided.id);
    await until(`${asker.name} is linked to the undecided`, linked, { within_ms: 15_000 });
  }
  await peer.run((id) => {
    globalThis.e2e.connect(id).then((result) => (globalThis.end = result));
  }, undecided.id);
  const closing = hasty.run(async (id) => {
    const waiting = globalThis.e2e.connect(id);
    await globalThis.e2e.membrane.close();
    return (await waiting).outcome;
  }, undecided.id);
  assert.equal(await closing, "MembraneError closed");
  const ended = await until("the question is given up", () => peer.run(() => globalThis.end), {
    within_ms: 90_000,
    pause_ms: 250,
  });
  world.say(`given up after ${Math.round(ended.took_ms / 1_000)} s`);
  assert.equal(ended.outcome, "MembraneError timed-out");
  assert.ok(ended.took_ms < 75_000);
  await world.wholeMaps([peer, undecided]);
});

scenario("a session opened again while much of the last one is under way lives on", async (world) => {
  const { pair } = await talkingPair(world);
  const [peer, other] = pair;
  const rounds = 10;
  const outcomes = await peer.run(
    async (id, times) => {
      const { membrane, outcome } = globalThis.e2e;
      const results = [];
      for (let i = 0; i < times; i++) {
        const session = await membrane.connect(id);
        session.send(new Uint8Array(20_000_000)).catch(() => undefined);
        session.close();
        const next = await membrane.connect(id);
        results.push(await outcome(() => next.send(`again ${i}`)));
      }
      return results;
    },
    other.id,
    rounds,
  );
  assert.deepEqual(outcomes, Array(rounds).fill("done"));
  const again = ({ data }) => data?.head.startsWith("again");
  const arrived = () => other.run(() => globalThis.e2e.received);
  await until("all of them arrive", async () => (await arrived()).filter(again).length === rounds, {
    state: arrived,
  });
  const reasons = (await arrived()).flatMap(({ reason }) => reason ?? []);
  assert.deepEqual(reasons, Array(reasons.length).fill("closed"));
});
