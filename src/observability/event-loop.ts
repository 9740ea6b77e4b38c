import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
const QUANTILES = { '0.5': 50, '0.99': 99, '1': 100 } as const;

/** Delay of the event loop's timers, which every caller waits in addition. It is reset with each scrape. */
export function watchEventLoop(registry: Registry): { close(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  new Gauge({
    name: 'kallemni_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const [quantile, percentile] of Object.entries(QUANTILES)) {
        // The measurement includes the timer's own interval.
        const late = delay.percentile(percentile) / NANOSECONDS - RESOLUTION_MS / 1_000;
        this.set({ quantile }, Math.max(0, late));
      }
      delay.reset();
    },
  });
  return { close: () => void delay.disable() };
}
