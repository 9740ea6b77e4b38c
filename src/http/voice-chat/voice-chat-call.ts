import type { Request, Response } from 'express';
import type { ConverseEvent } from '../../assistant/converse.js';
import type { Logger } from '../../observability/logger.js';
import type { AudioEncoder } from '../../audio/encode.js';
import type { OutputFormat } from '../../audio/output-format.js';

/** The events of a call after its recording is decoded. */
export type VoiceChatEvent = Exclude<ConverseEvent, { type: 'decoded' }>;

/** The input of each response form: audio, JSON and events. */
export interface VoiceChatCall {
  events: AsyncIterable<VoiceChatEvent>;
  format: OutputFormat;
  encoder: AudioEncoder;
  request: Request;
  response: Response;
  /** Aborts when the caller has left or the answer has failed. */
  signal: AbortSignal;
  logger: Logger;
}
