import type { Application, Request } from 'express';

const CUT = 'cut';

/** From now on a connection that closes was closed by us: the time for running calls is over. */
export function cutRequests(app: Application): void {
  app.locals[CUT] = true;
}

/** Whether an unfinished request of this app was ended by the service going down rather than by its caller. */
export function wasCut(request: Request): boolean {
  return request.app.locals[CUT] === true;
}
