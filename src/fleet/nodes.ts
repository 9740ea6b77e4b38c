import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock, Timer } from '../lib/clock.js';
import { systemClock } from '../lib/clock.js';
import type { RedisConnection } from './redis-connection.js';

export type Role = 'api' | 'worker' | 'both';

/** What a machine of the fleet tells the others about itself. */
export interface NodeFacts {
  id: string;
  role: Role;
  version: string;
  device: string | null;
  /** Jobs that it works on at once. */
  slots: number;
}

export interface NodesOptions {
  redis: RedisConnection;
  facts: () => Omit<NodeFacts, 'id'>;
  clock?: Clock;
}

const BEAT_MS = 5_000;
/** After a beat that failed: at the start, Redis may still be connecting. */
const RETRY_MS = 500;
/** A machine that has been silent this long is gone. */
const GONE_AFTER_MS = 4 * BEAT_MS;

/** The machines that share one Redis. Each writes a key that expires, so nobody compares clocks. */
export class Nodes {
  readonly id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly #options: NodesOptions;
  readonly #clock: Clock;
  #known: readonly NodeFacts[] = [];
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: NodesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** As of the last beat that reached Redis. Empty before the first. */
  get known(): readonly NodeFacts[] {
    return this.#known;
  }

  /** Machines that take calls, this one included; at least 1. */
  get takingCalls(): number {
    return Math.max(1, this.#known.filter(({ role }) => role !== 'worker').length);
  }

  start(): void {
    void this.beat().then((reached) => {
      if (!this.#closed) this.#timer = this.#clock.after(reached ? BEAT_MS : RETRY_MS, () => this.start());
    });
  }

  /** Tells the others that this machine is there, and reads who else is. Resolves to false when Redis is away. */
  async beat(): Promise<boolean> {
    const { redis, facts } = this.#options;
    const own = JSON.stringify({ id: this.id, ...facts() } satisfies NodeFacts);
    const all = redis.key('nodes');
    try {
      const ids = await redis.run(async (client) => {
        await client.set(this.#key(this.id), own, 'PX', GONE_AFTER_MS);
        await client.sadd(all, this.id);
        return client.smembers(all);
      });
      const values = await redis.run((client) => client.mget(ids.map((id) => this.#key(id))));
      this.#known = values.flatMap((value) => (value === null ? [] : [JSON.parse(value) as NodeFacts]));
      const gone = ids.filter((_, index) => values[index] === null);
      if (gone.length > 0) await redis.run((client) => client.srem(all, ...gone));
      return true;
    } catch {
      // The connection has noted the outage; what was known last stays.
      return false;
    }
  }

  /** Leaves the list, so that the others need not wait until the key expires. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    const { redis } = this.#options;
    await redis
      .run(async (client) => {
        await client.del(this.#key(this.id));
        await client.srem(redis.key('nodes'), this.id);
      })
      .catch(() => undefined);
  }

  #key(id: string): string {
    return this.#options.redis.key('node', id);
  }
}
