import type { z } from 'zod';

/** What one call takes and gives, in the terms that its route checks. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As Express has it: `/v1/voices/:id`. */
  path: string;
  /** Unique; generated clients name their methods after it. */
  id: string;
  tag: 'Assistant' | 'Voices' | 'OpenAI' | 'Service';
  summary: string;
  description?: string;
  query?: z.ZodObject;
  body?: RequestBody;
  answers: Readonly<Record<number, Answer>>;
  /** Refusals beyond those of every call of its kind. */
  refusals?: readonly RefusalStatus[];
  /** Answers without a key, also where keys are set. */
  open?: boolean;
}

export type RequestBody =
  | { kind: 'json'; fields: z.ZodType }
  /** `raw`: the recording may also be the whole body, with the fields in the query. */
  | { kind: 'multipart'; fields: z.ZodObject; file: string; raw?: boolean };

export interface Answer {
  description: string;
  /** By media type. A string names what JSON Schema cannot say. */
  content?: Readonly<Record<string, z.ZodType | 'binary' | 'text'>>;
  headers?: Readonly<Record<string, string>>;
}

export const REFUSALS = {
  400: 'A field or the recording is wrong; `param` names it.',
  401: 'The key is missing or wrong.',
  403: 'The service is set up not to do this.',
  404: 'There is no such thing.',
  405: 'This path takes other methods; `Allow` lists them.',
  408: 'The request took too long to arrive.',
  409: 'The call with this Idempotency-Key is still running; its answer can be had in a moment.',
  413: 'The body or the recording is too large or too long.',
  415: 'The body is of a kind that holds nothing for this call.',
  422: 'The Idempotency-Key was used with another request.',
  429: 'Too many requests of this caller, or the queue is full; wait as the headers say.',
  431: 'The URL and the headers of the request are together larger than 16 KiB.',
  500: 'A mistake of the service; its log has it under the request id.',
  502: 'The chat server behind the service answered with an error.',
  503: 'A part of the service is not there now; wait as the headers say.',
} as const;

export type RefusalStatus = keyof typeof REFUSALS;
