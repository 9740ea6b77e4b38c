export const OPENROUTER_URL = 'https://openrouter.ai/api/v1';
const PATH = '/chat/completions';

/** The endpoint of chat completions. */
export interface Endpoint {
  url: string;
  /** Authorization headers: the key, or the name and password of the address. */
  authorization: string | null;
  /** For logs: host and port. */
  host: string;
  /** For logs: the address without name, password, query, and parts of the path that could be secrets. */
  safeUrl: string;
  /** For callers: the path of `safeUrl`. */
  safePath: string;
}

/**
 * The endpoint below a base address such as `http://localhost:11434/v1`. It accepts a trailing slash, the address of
 * the whole endpoint, a query (Azure's `api-version`), and a name and password. Throws TypeError for an invalid
 * address.
 */
export function chatEndpoint(baseUrl: string, apiKey: string): Endpoint {
  const url = new URL(baseUrl);
  const base = url.pathname.replace(/\/+$/u, '');
  url.pathname = base.endsWith(PATH) ? base : base + PATH;
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  );
  const safePath = url.pathname.split('/').map(withoutSecret).join('/');
  return {
    url: url.href,
    authorization: apiKey !== '' ? `Bearer ${apiKey}` : username !== '' ? `Basic ${basic}` : null,
    host: url.host,
    safeUrl: url.origin + safePath,
    safePath,
  };
}

/** Gateways put account ids and tokens into the path: anything long, and letters mixed with digits. */
function withoutSecret(segment: string): string {
  const isPlain = segment.length <= 24 && !/[a-z]\d+[a-z]+\d|\d[a-z]+\d+[a-z]/iu.test(segment);
  return isPlain || segment === '' ? segment : '***';
}
