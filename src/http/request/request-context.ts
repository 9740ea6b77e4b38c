import type { Response } from 'express';
import type { Caller } from '../../access/access-control.js';

/** The uploaded data: the path of the recording, and the other fields. */
export interface Upload {
  path: string;
  /** The name and the media type that the caller gives the recording; null where it gives none. */
  filename: string | null;
  mediaType: string | null;
  fields: Record<string, unknown>;
}

/** Called with the seconds of audio that a call brought, once they are decoded. */
export type AudioMeter = (seconds: number) => void;

/** Data that one step of a request writes and later steps read. A step that has not run leaves the initial value. */
export interface RequestContext {
  /** The x-request-id. */
  requestId: string;
  caller: Caller | null;
  audioMeter: AudioMeter;
  /** The answer to this Idempotency-Key is stored or in progress, so the call adds no work. */
  replayable: boolean;
  upload: Upload | null;
  /** Aborts when the response is over. Created by `requestSignal`. */
  signal: AbortSignal | null;
  /** The answer ended with an error, perhaps after its head was sent. */
  failed: boolean;
}

const contexts = new WeakMap<Response, RequestContext>();

/** The context of the request that this response answers. It lives as long as the response. */
export function contextOf(response: Response): RequestContext {
  const existing = contexts.get(response);
  if (existing) return existing;
  const context: RequestContext = {
    requestId: '',
    caller: null,
    audioMeter: () => undefined,
    replayable: false,
    upload: null,
    signal: null,
    failed: false,
  };
  contexts.set(response, context);
  return context;
}

/** The recording of a route that accepts uploads. */
export function uploadOf(response: Response): Upload {
  const { upload } = contextOf(response);
  if (!upload) throw new Error('The route has no upload middleware');
  return upload;
}
