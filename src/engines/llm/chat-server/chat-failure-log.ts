import type { ChatServerError } from './chat-server-error.js';
import type { Endpoint } from './endpoint.js';
import type { ChatFailure } from './failure.js';

/** Failures that a wrong address can cause, so the log shows the address. */
const ADDRESS_MATTERS: ReadonlySet<ChatFailure> = new Set(['wrong_address', 'not_found', 'web_page']);

/**
 * Log fields of a failure. They contain only the host of the server's address, unless the address is the likely cause.
 */
export function failureFields(error: ChatServerError, server: { model: string; endpoint: Endpoint }) {
  const { failure, status, systemCode, reason } = error;
  return {
    model: server.model,
    host: server.endpoint.host,
    failure,
    status,
    ...(systemCode !== null && { code: systemCode }),
    ...(reason !== null && { reason }),
    ...(ADDRESS_MATTERS.has(failure) && { url: server.endpoint.safeUrl }),
  };
}
