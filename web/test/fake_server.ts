/**
 * A first-contact server in memory that speaks the v3 vocabulary: it hands each offer to a client
 * that is ready, the one that was asked least, and passes answers and candidates on.
 */

interface Request {
  asker: FakeClient;
  request: number;
  nominee: FakeClient;
  ticket: number;
}

type Frame = [string, ...unknown[]];

export class FakeServer {
  /** While false, nobody gets in. */
  up = true;
  readonly clients = new Set<FakeClient>();
  readonly #requests: Request[] = [];

  /** What to put in the place of `WebSocket`. */
  get socketClass(): typeof WebSocket {
    const server = this;
    return class extends FakeClient {
      constructor(url: string) {
        super(url, server);
      }
    } as unknown as typeof WebSocket;
  }

  take(client: FakeClient, [kind, number, text]: Frame): void {
    switch (kind) {
      case "hello":
        client.network = (number as { network: string }).network;
        return client.say(["welcome", { iceServers: [], heartbeat_s: 10 }]);
      case "ready":
        client.ready = true;
        return;
      case "offer":
        return this.#offer(client, number as number, text);
      case "offerCandidate":
        for (const found of this.#of(client, number)) found.nominee.say([kind, found.ticket, text]);
        return;
      case "report":
        for (const found of this.#of(client, number)) found.asker.say(["failed", found.request]);
        return;
      case "answer":
      case "answerCandidate":
        for (const found of this.#at(client, number)) found.asker.say([kind, found.request, text]);
        return;
      case "refuse":
        for (const found of this.#at(client, number)) found.asker.say(["failed", found.request]);
        return;
      default:
    }
  }

  #offer(asker: FakeClient, request: number, sdp: unknown): void {
    const nominee = [...this.clients]
      .filter((other) => other !== asker && other.ready && other.network === asker.network)
      .sort((a, b) => a.asked - b.asked)[0];
    if (nominee === undefined) return asker.say(["unresolved", request]);
    nominee.asked += 1;
    const ticket = this.#requests.length + 1;
    this.#requests.push({ asker, request, nominee, ticket });
    nominee.say(["request", ticket, sdp]);
  }

  #of(asker: FakeClient, request: unknown): Request[] {
    return this.#requests.filter((each) => each.asker === asker && each.request === request);
  }

  #at(nominee: FakeClient, ticket: unknown): Request[] {
    return this.#requests.filter((each) => each.nominee === nominee && each.ticket === ticket);
  }
}

class FakeClient {
  readyState = 0;
  network = "";
  ready = false;
  asked = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly server: FakeServer,
  ) {
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    if (this.readyState !== 0) return;
    if (!this.server.up) return this.drop();
    this.readyState = 1;
    this.server.clients.add(this);
    this.onopen?.();
  }

  send(text: string): void {
    setImmediate(() => this.server.take(this, JSON.parse(text) as Frame));
  }

  say(frame: unknown[]): void {
    setImmediate(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }

  drop(): void {
    this.close();
    this.onclose?.({ code: 1006, reason: "" });
  }

  close(): void {
    this.readyState = 3;
    this.server.clients.delete(this);
  }
}
