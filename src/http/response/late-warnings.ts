import type { Request, Response } from 'express';
import type { Logger } from '../../observability/logger.js';
import { joinedWarnings, setWarnings, type WarningHead } from './warnings.js';

/** True when the caller accepts trailers after the body. HTTP/1.0 has no chunked bodies and therefore no trailers. */
export function readsTrailers(request: Request): boolean {
  return request.httpVersion !== '1.0' && /\btrailers\b/i.test(request.get('te') ?? '');
}

export interface LateWarnings {
  /** Sets the warnings that are known before the headers are sent. */
  head(warnings: readonly string[]): void;
  /** The trailer with all warnings, for the end of the body. Empty when the headers contain them all. */
  trailer(warnings: readonly string[]): Record<string, string>;
}

/**
 * X-Warning of a response whose headers are sent before all warnings are known. Warnings that are too late for the
 * headers are also logged.
 */
export function lateWarnings(response: WarningHead, logger: Pick<Logger, 'info'>): LateWarnings {
  const told = new Set<string>();
  return {
    head: (warnings) => {
      setWarnings(response, warnings);
      for (const warning of warnings) told.add(warning);
    },
    trailer: (warnings) => {
      const late = warnings.filter((warning) => !told.has(warning));
      if (late.length === 0) return {};
      // The text after a colon may quote the caller, which logs must not contain.
      logger.info({ warnings: late.map((text) => text.split(':', 1)[0]) }, 'warnings after the headers');
      return { 'X-Warning': joinedWarnings(warnings) };
    },
  };
}

/** `lateWarnings` for a response without other trailers. */
export function warnAround(request: Request, response: Response, logger: Pick<Logger, 'info'>) {
  const late = lateWarnings(response, logger);
  const trailers = readsTrailers(request);
  return {
    head: (warnings: readonly string[]): void => {
      late.head(warnings);
      if (trailers) response.set('Trailer', 'X-Warning');
    },
    trailer: (warnings: readonly string[]): void => {
      const trailer = late.trailer(warnings);
      if (trailers) response.addTrailers(trailer);
    },
  };
}
