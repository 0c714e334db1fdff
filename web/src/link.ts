/** An open, proved link to a peer. */
export interface Link {
  /** The peer's id. */
  readonly id: string;
  /** For statistics; closing it closes the link. */
  readonly connection: RTCPeerConnection;
  /** Carries the protocol; not for the application. */
  readonly control: RTCDataChannel;
  /** Carries the session's messages. */
  readonly application: RTCDataChannel;
  /** Closes the link, its session with it. */
  close(): void;
}
