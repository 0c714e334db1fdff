// The peer of the server benchmark: the v2 vocabulary on Node and ws, as plainly and as fairly as it
// can be written. No limits, no scores: the oldest of those asked least recently is asked next.
// Usage: node plain-server.mjs; prints "listening ws://127.0.0.1:PORT".

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const heartbeatIntervalMs = 8_000;
const nomineeTimeoutMs = 3_000;

/** Routable clients in the order in which they are asked: a Set keeps the order of insertion. */
const routable = new Set();
/** Open requests by ticket. */
const requests = new Map();
let lastTicket = 0;

function say(client, ...message) {
  client.send(JSON.stringify(message));
}

function nominate(request) {
  const nominee = routable.values().next().value;
  if (nominee === undefined) {
    routable.add(request.asker);
    return say(request.asker, 'provideSDP', 'unresolved');
  }
  routable.delete(nominee);
  routable.add(nominee);
  const ticket = ++lastTicket;
  const timeout = setTimeout(() => failed(ticket), nomineeTimeoutMs);
  requests.set(ticket, { ...request, nominee, timeout });
  nominee.tickets.add(ticket);
  say(nominee, 'requestSDP', request.offer, ticket);
}

function take(ticket) {
  const request = requests.get(ticket);
  if (request === undefined) return undefined;
  clearTimeout(request.timeout);
  requests.delete(ticket);
  request.nominee.tickets.delete(ticket);
  return request;
}

function failed(ticket) {
  const request = take(ticket);
  if (request === undefined || request.asker.readyState !== request.asker.OPEN) return;
  if (request.tries === 2) return say(request.asker, 'ERROR');
  nominate({ asker: request.asker, offer: request.offer, tries: request.tries + 1 });
}

function receive(client, data) {
  const [name, answer, ticket] = JSON.parse(data);
  if (name !== 'returnSDP' || requests.get(ticket)?.nominee !== client) return;
  const { asker } = take(ticket);
  if (asker.readyState !== asker.OPEN) return;
  routable.add(asker);
  say(asker, 'provideSDP', answer);
}

function leave(client) {
  routable.delete(client);
  for (const ticket of client.tickets) failed(ticket);
}

const http = createServer();
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
http.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'ws://localhost');
  const offer = url.searchParams.get('originatingSDP');
  if (url.pathname !== '/reconnect' && !(url.pathname === '/bind' && offer)) return socket.destroy();
  webSockets.handleUpgrade(request, socket, head, (client) => {
    client.tickets = new Set();
    client.on('message', (data) => receive(client, data));
    client.on('close', () => leave(client));
    client.on('error', () => client.terminate());
    if (url.pathname === '/reconnect') routable.add(client);
    else nominate({ asker: client, offer, tries: 1 });
  });
});
setInterval(() => {
  for (const client of webSockets.clients) say(client, 'heartbeat');
}, heartbeatIntervalMs);
http.listen(0, '127.0.0.1', 4096, () => {
  console.log(`listening ws://127.0.0.1:${http.address().port}`);
});
