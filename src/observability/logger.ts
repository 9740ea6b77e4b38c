import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { loggedError } from './logged-error.js';
import { currentRequest } from './request-context.js';

/** The logger interface: a static message and fields. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export interface LoggerOptions {
  /** Secret values, which are removed from every field and message. */
  secrets?: readonly string[];
  /** Standard output by default. */
  destination?: DestinationStream;
}

const REDACTED = '[redacted]';

/**
 * JSON lines on standard output, with the id of the request that a line belongs to. Conversations and keys are never
 * fields.
 */
export function createLogger(level: string, options: LoggerOptions = {}): PinoLogger {
  const { secrets = [], destination } = options;
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: loggedError },
    mixin: requestFields,
    // Middleware passes the id itself when the request's context has ended.
    mixinMergeStrategy: (fields: object, request: object) => ({ ...request, ...fields }),
    redact: {
      paths: ['*.authorization', '*["x-api-key"]', '*.apiKey', '*.token', '*.cookie'],
      censor: REDACTED,
    },
    ...(secrets.length > 0 && { hooks: { streamWrite: blackOut(secrets) } }),
  };
  return destination ? pino(settings, destination) : pino(settings);
}

function requestFields(): object {
  const request = currentRequest();
  if (!request) return {};
  const { requestId, span } = request;
  return span.traceId === null ? { requestId } : { requestId, traceId: span.traceId };
}

/** Secrets as they stand in JSON. Other servers repeat keys in their refusals, and those end up in messages. */
function blackOut(secrets: readonly string[]): (line: string) => string {
  const written = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  return (line) => written.reduce((text, secret) => text.replaceAll(secret, REDACTED), line);
}
