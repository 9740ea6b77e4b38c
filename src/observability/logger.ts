import { pino, type Logger as PinoLogger } from 'pino';

/** What parts of the service log with: a static message and fields. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** JSON lines on standard output. Nothing that was said, heard or used as a key is ever a field. */
export function createLogger(level: string): PinoLogger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: ['*.authorization', '*.apiKey', '*.token', '*.cookie'], censor: '[redacted]' },
  });
}
