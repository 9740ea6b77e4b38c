import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { floatToS16le } from '../../src/audio/pcm.js';

/** A server event as it is on the wire. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type WireEvent = { type: string; event_id: string } & Record<string, any>;

const DEADLINE_MS = 20_000;
const RATE = 24_000;

/** A live session seen from its client: remembers all events and waits for one with a deadline. */
export class LiveClient {
  readonly socket: WebSocket;
  readonly events: WireEvent[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.events.push(JSON.parse(data.toString()) as WireEvent);
      this.#wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** Connects to the service at `url` (http) and waits for `session.created`. */
  static async connect(url: string, query = '', options: ClientOptions = {}): Promise<LiveClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/realtime${query}`, options);
    const client = new LiveClient(socket);
    await once(socket, 'open');
    await client.event('session.created');
    return client;
  }

  send(event: Record<string, unknown>): void {
    this.socket.send(JSON.stringify(event));
  }

  append(samples: Float32Array): void {
    const audio = Buffer.from(floatToS16le(samples)).toString('base64');
    this.send({ type: 'input_audio_buffer.append', audio });
  }

  /** The event number `count` (from 1) of this type. */
  async event(type: string, count = 1): Promise<WireEvent> {
    return this.until(() => this.all(type)[count - 1], `event ${count} of type "${type}"`);
  }

  all(type: string): WireEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  types(): string[] {
    return this.events.map(({ type }) => type);
  }

  async end(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed ?? undefined, 'the end of the connection');
  }

  async until<T>(look: () => T | undefined, what: string, deadlineMs = DEADLINE_MS): Promise<T> {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`No ${what}; there were: ${this.types().join(' ')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 500);
        const watchers = this.#watchers;
        function done(): void {
          clearTimeout(timer);
          watchers.delete(done);
          resolve();
        }
        watchers.add(done);
      });
    }
  }

  close(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const wake of [...this.#watchers]) wake();
  }
}

/** A tone that the detector of tests takes for speech. */
export function tone(milliseconds: number): Float32Array {
  return Float32Array.from({ length: (RATE * milliseconds) / 1_000 }, (_, n) => 0.3 * Math.sin(n / 20));
}

export function quiet(milliseconds: number): Float32Array {
  return new Float32Array((RATE * milliseconds) / 1_000);
}
