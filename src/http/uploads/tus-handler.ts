import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { UploadStore } from '../../jobs/uploads/upload-store.js';
import { checkTusHeaders, TUS_HEADER, TUS_VERSION } from './tus-protocol.js';

/** Speaks tus. Requests for an upload must have passed the check of its owner. */
export function createTusHandler(store: UploadStore): RequestHandler {
  /** Uploads by the request that creates them. A failed request's upload is removed: its client never learnt the id. */
  const created = new WeakMap<IncomingMessage, string>();
  // The library takes 160 ms to load, which the start of the service should not wait for.
  const load = () =>
    import('./tus-server.js').then(({ createTusServer }) =>
      createTusServer(store, (request, id) => created.set(request, id)),
    );
  let server: ReturnType<typeof load> | undefined;
  return async (request, response) => {
    response.set(TUS_HEADER, TUS_VERSION);
    if (request.method !== 'OPTIONS') checkTusHeaders(request.method, request.headers);
    dropForwardedProto(request);
    try {
      server ??= load();
      await (await server).handle(request, response);
    } catch (error) {
      const id = created.get(request);
      if (id !== undefined) await store.remove(id);
      if (request.destroyed && !request.complete) throw new DOMException('The caller left.', 'AbortError');
      throw error;
    }
  };
}

/** The library refuses the lists in this header that chains of proxies write. Location is relative and needs none of it. */
function dropForwardedProto({ rawHeaders }: IncomingMessage): void {
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2)
    if (rawHeaders[index]?.toLowerCase() === 'x-forwarded-proto') rawHeaders.splice(index, 2);
}
