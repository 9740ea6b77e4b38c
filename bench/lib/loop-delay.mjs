// Loaded into the service before its own code (node --import): measures how late its event loop is and tells the bench.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const NANOSECONDS = 1e6;

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();

// Node's histogram holds the whole time between two ticks of its timer, the timer's own period included.
const delay = (nanoseconds) => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS);

process.on('message', (message) => {
  if (message === 'reset') histogram.reset();
  if (message !== 'read') return;
  process.send?.({
    samples: histogram.count,
    mean: delay(histogram.mean),
    p50: delay(histogram.percentile(50)),
    p99: delay(histogram.percentile(99)),
    max: delay(histogram.max),
  });
});
// Measuring is no reason for the service to stay.
process.channel?.unref();
