import type { Application, Request } from 'express';

const CUT = 'cut';

/** Marks the end of the grace period: the service itself closes the connections that are still open. */
export function cutRequests(app: Application): void {
  app.locals[CUT] = true;
}

/** True when the shutdown, not the caller, ended an unfinished request of this app. */
export function wasCut(request: Request): boolean {
  return request.app.locals[CUT] === true;
}
