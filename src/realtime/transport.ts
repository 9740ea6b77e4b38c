/** What a session needs of its connection. WebSocket is the one there is; another could be a WebRTC data channel. */
export interface Transport {
  /** Hands a message over; `onFlushed` is called when it has left this process, or when the connection is gone. */
  send(message: string, onFlushed: () => void): void;
  /** Bytes that were handed over and have not left yet. */
  readonly bufferedBytes: number;
  /** Stops and restarts reading; the sender is held back by its own connection. */
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
}

/** What the connection tells its session. */
export interface TransportListener {
  message(text: string): void;
  binary(): void;
  closed(): void;
}
