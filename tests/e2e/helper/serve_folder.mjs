/** A plain server of a folder's files, as most are, on a port that the system chooses. */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export async function serveFolder(folder) {
  const site = createServer(({ url }, response) => {
    const path = join(folder, normalize(new URL(url, "http://host").pathname));
    const file = path.endsWith("/") ? `${path}index.html` : path;
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${site.address().port}/`,
    close: () => new Promise((closed) => site.close(closed).closeAllConnections()),
  };
}
