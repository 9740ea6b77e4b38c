import { request as requestHttp, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { abortable, isAbort } from '../abort.js';
import { AddressRules } from './address-rules.js';
import { checkedLookup, resolveChecked, systemResolve, type Resolve } from './checked-lookup.js';
import { PublicHttpError } from './public-http-error.js';
import { hostOf, parsePublicUrl, privateAddress } from './public-url.js';

export interface PublicHttpOptions {
  /** Host names, IP addresses and ranges that may be called although they are private. */
  allowed: readonly string[];
  resolve?: Resolve;
}

export interface PublicRequest {
  method: 'GET' | 'POST';
  headers?: OutgoingHttpHeaders;
  body?: string;
}

const CHECK_TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * Calls URLs that callers chose, without giving them a way into private networks: every address is checked before the
 * connection, every connection is new, and every redirect is a URL to check. Timeouts are the signal's.
 */
export class PublicHttp {
  readonly #rules: AddressRules;
  readonly #resolve: Resolve;

  constructor({ allowed, resolve = systemResolve }: PublicHttpOptions) {
    this.#rules = new AddressRules(allowed);
    this.#resolve = resolve;
  }

  /** Checks a URL and the addresses of its host without calling it. Rejects with PublicHttpError, after 5 s at the latest. */
  async check(text: string): Promise<URL> {
    const url = parsePublicUrl(text, this.#rules);
    if (isIP(hostOf(url)) !== 0) return url;
    const resolved = resolveChecked(url.hostname, this.#rules, this.#resolve);
    try {
      await abortable(resolved, AbortSignal.timeout(CHECK_TIMEOUT_MS));
    } catch (error) {
      if (!isAbort(error)) throw error;
      throw new PublicHttpError('timeout', 'The name server of the URL did not answer in time.');
    }
    return url;
  }

  /**
   * Sends one request and resolves with the head of the answer. The caller reads or destroys the body. Follows no redirect.
   * Rejects with PublicHttpError, or with the signal's reason.
   */
  async send(text: string, request: PublicRequest, signal: AbortSignal): Promise<IncomingMessage> {
    return this.#exchange(parsePublicUrl(text, this.#rules), request, signal);
  }

  /** GET that follows up to five redirects, each of them checked. Resolves with an answer of status 2xx. */
  async download(text: string, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    let url = parsePublicUrl(text, this.#rules);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#exchange(url, { method: 'GET', headers }, signal);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      response.destroy();
      const { location } = response.headers;
      if (!REDIRECTS.has(status) || location === undefined) throw badStatus(status);
      if (!URL.canParse(location, url.href)) throw badStatus(status);
      url = parsePublicUrl(new URL(location, url).href, this.#rules);
    }
    throw new PublicHttpError('too_many_redirects', `The URL redirects more than ${MAX_REDIRECTS} times.`);
  }

  #exchange(
    url: URL,
    { method, headers, body }: PublicRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const host = hostOf(url);
    const bytes = body === undefined ? undefined : Buffer.from(body);
    return new Promise((resolve, reject) => {
      const request = send(url, {
        method,
        headers: { ...headers, ...(bytes && { 'Content-Length': bytes.length }) },
        signal,
        lookup: checkedLookup(this.#rules, this.#resolve),
        // A connection of its own: one that was opened for another name was checked for that name.
        agent: false,
        maxHeaderSize: MAX_HEADER_BYTES,
        insecureHTTPParser: false,
      });
      // A second check of what the socket really reached. It must hold whatever the checks before it missed.
      request.once('socket', (socket) =>
        socket.once('connect', () => {
          const { remoteAddress = '' } = socket;
          if (!this.#rules.allows(host, remoteAddress)) socket.destroy(privateAddress());
        }),
      );
      request.once('response', resolve);
      request.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : unreachable(error)));
      request.end(bytes);
    });
  }
}

export function badStatus(status: number): PublicHttpError {
  return new PublicHttpError('bad_status', `The server of the URL answered with status ${status}.`, {
    status,
  });
}

function unreachable(cause: Error): PublicHttpError {
  if (cause instanceof PublicHttpError) return cause;
  return new PublicHttpError('unreachable', 'The server of the URL cannot be reached.', { cause });
}
