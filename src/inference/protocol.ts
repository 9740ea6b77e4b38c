import { AppError } from '../lib/errors.js';

/**
 * Messages between the service and an inference process, over the fork channel with structured clone.
 * The parent returns one credit per chunk it takes, so an unread stream makes the child wait instead of filling memory.
 */
export type ParentMessage =
  | { type: 'load'; engine: string; kind: string; options: unknown }
  /** Close the engine and free its memory. Loads that follow wait for it. */
  | { type: 'unload'; engine: string }
  | { type: 'run'; id: number; engine: string; job: unknown }
  | { type: 'credit'; id: number }
  | { type: 'cancel'; id: number };

export type ChildMessage =
  | { type: 'loaded'; engine: string }
  | { type: 'load-failed'; engine: string; error: WireError }
  | { type: 'chunk'; id: number; value: unknown }
  | { type: 'done'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: WireError }
  | { type: 'memory'; residentBytes: number };

/** Chunks a child may have sent without being read. */
export const CHUNK_WINDOW = 4;

/** An error that is sent between processes. `app` is set when its message is meant for the caller. */
export interface WireError {
  message: string;
  stack?: string;
  app?: Pick<AppError, 'status' | 'type' | 'code' | 'param' | 'retryAfterMs'>;
}

export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { message: String(error) };
  const wire: WireError = { message: error.message };
  if (error.stack !== undefined) wire.stack = error.stack;
  if (error instanceof AppError) {
    const { status, type, code, param, retryAfterMs } = error;
    wire.app = { status, type, code, param, retryAfterMs };
  }
  return wire;
}

export function fromWire(wire: WireError): Error {
  if (!wire.app) {
    const error = new Error(wire.message);
    if (wire.stack !== undefined) error.stack = wire.stack;
    return error;
  }
  const { status, type, code, param, retryAfterMs } = wire.app;
  return new AppError(wire.message, {
    status,
    type,
    ...(code !== null && { code }),
    ...(param !== null && { param }),
    ...(retryAfterMs !== null && { retryAfterMs }),
  });
}
