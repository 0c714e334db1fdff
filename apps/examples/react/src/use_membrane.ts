/** Membrane in React components. Copy this file; it needs nothing but React and the package. */
import { type JoinOptions, Membrane, type MembraneError, type Peer, type TopicMessage } from "membrane";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

/** Neither while it is being joined. */
export interface Membership {
  membrane?: Membrane;
  error?: MembraneError;
}

/**
 * Joins while the component is there and leaves with it. The options are those of the first
 * rendering; another server is another network.
 */
export function useMembrane(server: string, options: JoinOptions = {}): Membership {
  const [first] = useState(options);
  const [membership, setMembership] = useState<Membership>({});
  useEffect(() => {
    const leaving = new AbortController();
    const set = (now: Membership): void => {
      if (!leaving.signal.aborted) setMembership(now);
    };
    Membrane.join(server, { ...first, signal: leaving.signal }).then(
      (membrane) => set({ membrane }),
      (error: MembraneError) => set({ error }),
    );
    return () => {
      leaving.abort();
      setMembership({});
    };
  }, [server, first]);
  return membership;
}

/** Everyone who is here, ourselves included; rendered again when that changes. */
export function usePeers(membrane: Membrane | undefined): readonly Peer[] {
  const subscribe = useCallback(
    (changed: () => void) => membrane?.map.on("change", changed) ?? (() => undefined),
    [membrane],
  );
  useSyncExternalStore(subscribe, () => membrane?.map.version);
  return membrane === undefined ? [] : [...membrane.map];
}

/** The newest messages of a topic since the component is there, oldest first. */
export function useMessages(
  membrane: Membrane | undefined,
  topic: string,
  atMost = 100,
): readonly TopicMessage[] {
  const [messages, setMessages] = useState<readonly TopicMessage[]>([]);
  useEffect(() => {
    setMessages([]);
    return membrane
      ?.topic(topic)
      .on("message", (message) => setMessages((before) => [...before, message].slice(-atMost)));
  }, [membrane, topic, atMost]);
  return messages;
}
