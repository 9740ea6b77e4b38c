import { ApiError, errorOf } from './api-error.js';
import type { ApiKey } from './api-key.js';

export interface ApiClient {
  readonly key: ApiKey;
  /** The absolute address of a path such as `v1/speak`. */
  url(path: string): string;
  /** Sends a request with the key. Asks for a key and repeats once on 401. Throws ApiError. */
  request(path: string, init?: RequestInit): Promise<Response>;
  json<Body>(path: string, init?: RequestInit): Promise<Body>;
  post<Body>(path: string, body: unknown, init?: RequestInit): Promise<Body>;
}

export interface ApiClientParts {
  /** Where the page is served: the calls are beside it. */
  base: string;
  key: ApiKey;
  /** Asks the user for a key. Resolves with false when they give none. */
  askForKey: () => Promise<boolean>;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
}

export function createApiClient({ base, key, askForKey, fetch }: ApiClientParts): ApiClient {
  const url = (path: string): string => new URL(path, base).href;
  async function send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const secret = key.get();
    if (secret !== null) headers.set('Authorization', `Bearer ${secret}`);
    try {
      return await fetch(url(path), { ...init, headers });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(0, 'The service cannot be reached.', 'unreachable');
    }
  }
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const first = await send(path, init);
    const response = first.status === 401 && (await askForKey()) ? await send(path, init) : first;
    if (!response.ok) throw await errorOf(response);
    return response;
  }
  const json = async <Body>(path: string, init?: RequestInit): Promise<Body> =>
    (await (await request(path, init)).json()) as Body;
  return {
    key,
    url,
    request,
    json,
    post: (path, body, init) =>
      json(path, {
        method: 'POST',
        ...init,
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      }),
  };
}
