import type { Request, Response } from 'express';
import type { Logger } from '../../observability/logger.js';
import { joinedWarnings, setWarnings, type WarningHead } from './warnings.js';

/** True when the caller accepts trailers behind the body. HTTP/1.0 has no chunked bodies and therefore no trailers. */
export function readsTrailers(request: Request): boolean {
  return request.httpVersion !== '1.0' && /\btrailers\b/i.test(request.get('te') ?? '');
}

export interface LateWarnings {
  /** Sets the warnings that are known before the head is sent. */
  head(warnings: readonly string[]): void;
  /** The trailer with all warnings, after the body has been sent; empty when the head had them all. */
  behind(warnings: readonly string[]): Record<string, string>;
}

/** X-Warning of a response whose head is sent before all warnings are known. Warnings that are too late for the head are logged as well. */
export function lateWarnings(response: WarningHead, logger: Pick<Logger, 'info'>): LateWarnings {
  const told = new Set<string>();
  return {
    head: (warnings) => {
      setWarnings(response, warnings);
      for (const warning of warnings) told.add(warning);
    },
    behind: (warnings) => {
      const late = warnings.filter((warning) => !told.has(warning));
      if (late.length === 0) return {};
      // The text behind a colon may quote the caller, which logs must not contain.
      logger.info({ warnings: late.map((text) => text.split(':', 1)[0]) }, 'warnings behind the head');
      return { 'X-Warning': joinedWarnings(warnings) };
    },
  };
}

/** The same for a response that has no other trailer. */
export function warnAround(request: Request, response: Response, logger: Pick<Logger, 'info'>) {
  const late = lateWarnings(response, logger);
  const trailers = readsTrailers(request);
  return {
    head: (warnings: readonly string[]): void => {
      late.head(warnings);
      if (trailers) response.set('Trailer', 'X-Warning');
    },
    behind: (warnings: readonly string[]): void => {
      const behind = late.behind(warnings);
      if (trailers) response.addTrailers(behind);
    },
  };
}
