import type { ChatServerError } from './chat-server-error.js';

/** What the log says of a failure: of the server's address the host alone, since the rest can hold secrets. */
export function failureFields(error: ChatServerError, server: { model: string; url: string }) {
  const { failure, status, systemCode } = error;
  return {
    model: server.model,
    host: new URL(server.url).host,
    failure,
    status,
    ...(systemCode !== null && { code: systemCode }),
  };
}
