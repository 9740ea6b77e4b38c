import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Receives the events of live sessions. */
export interface LiveSessionMetrics {
  opened(): void;
  /** `seconds` is how long the session lasted. */
  closed(seconds: number): void;
  /** A connection was refused before it became a session. */
  refused(): void;
}

const SESSION_SECONDS = [1, 5, 15, 60, 300, 900, 1_800, 3_600];

export function registerLiveSessions(registry: Registry, prefix: string): LiveSessionMetrics {
  const registers = [registry];
  const open = new Gauge({
    name: `${prefix}live_sessions`,
    help: 'Live sessions that are open now.',
    registers,
  });
  const seconds = new Histogram({
    name: `${prefix}live_session_duration_seconds`,
    help: 'How long live sessions lasted.',
    buckets: SESSION_SECONDS,
    registers,
  });
  const refused = new Counter({
    name: `${prefix}live_sessions_refused_total`,
    help: 'Connections to /v1/realtime that were refused before the upgrade.',
    registers,
  });
  return {
    opened: () => open.inc(),
    closed: (lasted) => {
      open.dec();
      seconds.observe(lasted);
    },
    refused: () => refused.inc(),
  };
}
