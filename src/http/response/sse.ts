import type { Response } from 'express';
import { writeAll } from './write.js';

const HEARTBEAT_MS = 15_000;
/** A third of a second of mp3. Encoders emit small frames; one event for each would be mostly overhead. */
export const AUDIO_EVENT_BYTES = 2_048;

/** Sends one event. Resolves when the caller has read enough of the stream. A caller that comes back names the last `id`. */
export type SendEvent = (event: string, data: unknown, id?: string) => Promise<void>;

/** Sends one event without a name; its data has a `type`. */
export type SendData = (data: unknown) => Promise<void>;

/**
 * Opens a Server-Sent Events response. Comment lines keep proxies from closing a stream without events. JSON has no raw line
 * breaks, so each event is one `data:` line. The caller of this function ends the response.
 */
export function openEventStream(response: Response, signal: AbortSignal): SendEvent {
  open(response, signal);
  return (event, data, id) => {
    const named = id === undefined ? '' : `id: ${id}\n`;
    return writeAll(response, `${named}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`, signal);
  };
}

/** Like `openEventStream`, with events in the format of OpenAI's streams. */
export function openDataStream(response: Response, signal: AbortSignal): SendData {
  open(response, signal);
  return (data) => writeAll(response, `data: ${JSON.stringify(data)}\n\n`, signal);
}

function open(response: Response, signal: AbortSignal): void {
  // If the caller has already left, no "close" event would stop the heartbeat.
  signal.throwIfAborted();
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain && !response.writableEnded) response.write(': keep-alive\n\n');
  }, HEARTBEAT_MS);
  response.once('close', () => clearInterval(heartbeat));
}
