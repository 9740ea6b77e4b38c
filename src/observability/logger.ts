import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { loggedError } from './logged-error.js';
import { currentRequest } from './request-context.js';

/** What parts of the service log with: a static message and fields. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export interface LoggerOptions {
  /** Values that no line may show, whatever field or message they come in. */
  secrets?: readonly string[];
  /** Standard output unless said otherwise. */
  destination?: DestinationStream;
}

const REDACTED = '[redacted]';

/**
 * JSON lines on standard output, with the id of the request that a line belongs to. Nothing that was said, heard or used
 * as a key is ever a field.
 */
export function createLogger(level: string, options: LoggerOptions = {}): PinoLogger {
  const { secrets = [], destination } = options;
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: loggedError },
    mixin: requestFields,
    // Middleware names the id itself where the request's own context has ended.
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
