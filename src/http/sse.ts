import type { Response } from 'express';
import { writeAll } from './write.js';

const HEARTBEAT_MS = 15_000;

export interface EventStream {
  /** Waits while the caller reads slowly. */
  send(event: string, data: unknown): Promise<void>;
  end(): void;
}

/**
 * Opens a Server-Sent Events response. Comment lines keep proxies from closing a quiet stream. JSON has no raw line
 * breaks, so one event is always one `data:` line.
 */
export function openEventStream(response: Response, signal: AbortSignal): EventStream {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': keep-alive\n\n');
  }, HEARTBEAT_MS);
  response.once('close', () => clearInterval(heartbeat));
  return {
    send: (event, data) => writeAll(response, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`, signal),
    end: () => {
      clearInterval(heartbeat);
      response.end();
    },
  };
}
