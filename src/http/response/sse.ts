import type { Response } from 'express';
import { writeAll } from './write.js';

const HEARTBEAT_MS = 15_000;
/** A third of a second of mp3: encoders give frames so small that the event around them would be most of the traffic. */
export const AUDIO_EVENT_BYTES = 2_048;

/** Sends one event; waits while the caller reads slowly. */
export type SendEvent = (event: string, data: unknown) => Promise<void>;

/** The same for events without names, whose data says what they are. */
export type SendData = (data: unknown) => Promise<void>;

/**
 * Opens a Server-Sent Events response. Comment lines keep proxies from closing a quiet stream. JSON has no raw line
 * breaks, so one event is always one `data:` line. The caller of this function ends the response.
 */
export function openEventStream(response: Response, signal: AbortSignal): SendEvent {
  open(response, signal);
  return (event, data) => writeAll(response, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`, signal);
}

/** As `openEventStream`, in the form that OpenAI's streams have. */
export function openDataStream(response: Response, signal: AbortSignal): SendData {
  open(response, signal);
  return (data) => writeAll(response, `data: ${JSON.stringify(data)}\n\n`, signal);
}

function open(response: Response, signal: AbortSignal): void {
  // Of a caller who is gone no "close" would come to end the heartbeat.
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
