import { type FormEvent, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { useMembrane, useMessages, usePeers } from "./use_membrane.js";

const query = new URLSearchParams(location.search);
const server = query.get("server") ?? `ws://${location.hostname}:8777`;
const name = query.get("name") ?? `guest ${Math.floor(Math.random() * 1000)}`;

function App() {
  const { membrane, error } = useMembrane(server, { name });
  const peers = usePeers(membrane);
  const messages = useMessages(membrane, "chat");
  const [text, setText] = useState("");

  if (error !== undefined) return <p role="alert">Not joined: {error.message}</p>;
  if (membrane === undefined) return <p role="status">joining …</p>;

  const nameOf = (id: string): string => membrane.peers.get(id)?.name || id.slice(0, 8);
  const say = (event: FormEvent): void => {
    event.preventDefault();
    membrane.topic("chat").publish(text);
    setText("");
  };
  return (
    <main>
      <p role="status">
        You are {membrane.name}, one of {peers.length}.
      </p>
      <ul aria-label="Who is here">
        {peers.map(({ id }) => (
          <li key={id}>{nameOf(id)}</li>
        ))}
      </ul>
      <ol aria-label="Messages">
        {messages.map(({ origin, sequence, json }) => (
          <li key={`${origin} ${sequence}`}>
            {nameOf(origin)}: {String(json)}
          </li>
        ))}
      </ol>
      <form onSubmit={say}>
        <label>
          Say to everyone{" "}
          <input name="text" required value={text} onChange={({ target }) => setText(target.value)} />
        </label>
        <button>Say</button>
      </form>
    </main>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
