import type { Request, Response } from 'express';
import type { ConverseEvent } from '../../assistant/converse.js';
import type { Logger } from '../../observability/logger.js';
import type { AudioEncoder } from '../../audio/encode.js';
import type { OutputFormat } from '../../audio/output-format.js';

/** What a call gives once its recording is decoded. */
export type VoiceChatEvent = Exclude<ConverseEvent, { type: 'decoded' }>;

/** What each form of the answer is made from. */
export interface VoiceChatCall {
  events: AsyncIterable<VoiceChatEvent>;
  format: OutputFormat;
  encoder: AudioEncoder;
  request: Request;
  response: Response;
  /** Aborts when the caller is gone or the answer has failed. */
  signal: AbortSignal;
  logger: Logger;
}
