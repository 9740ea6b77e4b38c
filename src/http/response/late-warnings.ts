import type { Request, Response } from 'express';
import type { Logger } from '../../observability/logger.js';
import { joinedWarnings, setWarnings, type WarningHead } from './warnings.js';

/** Whether what is known only at the end can follow the body. HTTP/1.0 has no chunked body that trailers could follow. */
export function readsTrailers(request: Request): boolean {
  return request.httpVersion !== '1.0' && /\btrailers\b/i.test(request.get('te') ?? '');
}

export interface LateWarnings {
  /** Sets those that are known before the head leaves. */
  head(warnings: readonly string[]): void;
  /** The trailer for all of them when the body has been sent: none where the head had them all. */
  behind(warnings: readonly string[]): Record<string, string>;
}

/** X-Warning of an answer that leaves before all of it is made. What came too late for the head is logged as well. */
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
      // Behind a colon stands what was said.
      logger.info({ warnings: late.map((text) => text.split(':', 1)[0]) }, 'warnings behind the head');
      return { 'X-Warning': joinedWarnings(warnings) };
    },
  };
}

/** The same for an answer whose only trailer it is. */
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
