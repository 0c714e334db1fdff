/**
 * The real first-contact server, on ports that the system chooses, as a process that ends with us
 * whatever happens. It may be killed and started again at the same ports.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { atExit } from "./at_exit.mjs";
import { serverProgram } from "./paths.mjs";
import { Site } from "./site.mjs";

const startMax_ms = 10_000;

export class Server {
  #site = new Site();
  #process;
  #log = "";
  #notAtExit = () => undefined;
  port = 0;
  staticPort = 0;
  /** How often it was killed: pages may have complained about that. */
  kills = 0;

  static async start() {
    const server = new Server();
    try {
      await server.restart();
    } catch (error) {
      server.#site.remove();
      throw error;
    }
    server.#site.addSeed(server.port);
    return server;
  }

  /** What peers join with. */
  get address() {
    return `ws://127.0.0.1:${this.port}`;
  }

  url(path) {
    return `http://127.0.0.1:${this.staticPort}${path}`;
  }

  /** Starts it, at the ports it had before; resolves when it listens at both. */
  async restart() {
    const ports = ["--port", `${this.port}`, "--static-port", `${this.staticPort}`];
    const child = spawn(serverProgram, ["--static", this.#site.folder, ...ports]);
    this.#process = child;
    this.#notAtExit = atExit(() => child.kill("SIGKILL"));
    child.stderr.on("data", (data) => (this.#log += data));
    const timeout = setTimeout(() => child.kill("SIGKILL"), startMax_ms);
    for await (const line of createInterface({ input: child.stdout })) {
      const [, scheme, port] = /^listening (\w+):\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (scheme === "ws") this.port = Number(port);
      if (scheme === "http") this.staticPort = Number(port);
      if (scheme === "http") break;
    }
    clearTimeout(timeout);
    if (child.exitCode !== null || this.staticPort === 0) {
      throw new Error(`the server did not start: ${this.#log}`);
    }
  }

  /** As if its machine lost power: nobody is told anything. */
  async kill() {
    this.kills += 1;
    await this.#end("SIGKILL");
  }

  async close() {
    await this.#end("SIGKILL");
    this.#site.remove();
  }

  async #end(signal) {
    const child = this.#process;
    this.#process = undefined;
    this.#notAtExit();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}
