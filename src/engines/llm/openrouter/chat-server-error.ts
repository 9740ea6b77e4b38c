import { AppError, invalidRequest, overloaded, unavailable } from '../../../lib/errors.js';
import { readRetryHints, type RetryHints } from './retry.js';

/** What went wrong, in the terms that decide who has to do something about it. */
export type ChatFailure =
  | 'unreachable'
  | 'silent'
  | 'interrupted'
  | 'rate_limited'
  | 'server_failed'
  | 'too_long'
  | 'filtered'
  | 'bad_key'
  | 'no_credit'
  | 'unknown_model'
  | 'rejected';

const WORTH_RETRYING: ReadonlySet<ChatFailure> = new Set([
  'unreachable',
  'interrupted',
  'rate_limited',
  'server_failed',
]);
/** When the server gave no hint. */
const DEFAULT_HINT_MS = 2_000;
const LONGEST_HINT_MS = 60_000;
const LONGEST_TEXT = 4_000;

/**
 * Who can mend a failure: `time` does when the call is repeated, the `caller` by another request, the `operator` by
 * the settings of this service, which no repeat brings nearer.
 */
const FOR_THE_CALLER: Readonly<
  Record<ChatFailure, { mender: 'time' | 'caller' | 'operator'; code: string; message: string }>
> = {
  unreachable: {
    mender: 'time',
    code: 'chat_unreachable',
    message: 'The chat server cannot be reached now.',
  },
  silent: { mender: 'time', code: 'chat_timeout', message: 'The chat server was silent for too long.' },
  interrupted: { mender: 'time', code: 'chat_interrupted', message: 'The chat server broke off its reply.' },
  rate_limited: {
    mender: 'time',
    code: 'chat_rate_limited',
    message: 'The chat server takes no more requests for now.',
  },
  server_failed: {
    mender: 'time',
    code: 'chat_unavailable',
    message: 'The chat server has failed to answer.',
  },
  too_long: {
    mender: 'caller',
    code: 'context_length_exceeded',
    message: 'The conversation is too long for the chat model: send a shorter message or history.',
  },
  filtered: {
    mender: 'caller',
    code: 'content_filter',
    message: "The chat server's content filter refused this conversation: put it in other words.",
  },
  bad_key: {
    mender: 'operator',
    code: 'chat_misconfigured',
    message: 'The chat server refused the key of this service: its operator has to set a valid one.',
  },
  unknown_model: {
    mender: 'operator',
    code: 'chat_misconfigured',
    message:
      'The chat server does not have the configured model: the operator of this service has to choose another.',
  },
  no_credit: {
    mender: 'operator',
    code: 'chat_quota',
    message: 'The credit of this service at its chat server is used up: its operator has to renew it.',
  },
  rejected: {
    mender: 'operator',
    code: 'chat_rejected',
    message: 'The chat server did not accept the request of this service.',
  },
};

/**
 * A failure of the chat server. Its message is safe to log: what the server wrote (which can quote prompts and keys)
 * stays in a private field and can only be asked about.
 */
export class ChatServerError extends Error {
  override readonly name = 'ChatServerError';
  readonly failure: ChatFailure;
  /** Of the answer, or of the error inside it; null when there was no answer. */
  readonly status: number | null;
  readonly hints: RetryHints;
  /** Why there was no answer, as the system names it (ECONNREFUSED, ENOTFOUND, ...); null where it gave no name. */
  readonly systemCode: string | null;
  readonly retryable: boolean;
  /** The server's own names for the error and the field at fault, where it gave any. */
  readonly names: ErrorNames;
  readonly #text: string;

  constructor(
    failure: ChatFailure,
    answer: {
      status?: number;
      hints?: RetryHints;
      text?: string;
      names?: ErrorNames;
      systemCode?: string | null;
    } = {},
  ) {
    super(`chat server: ${failure}${answer.status === undefined ? '' : ` (status ${answer.status})`}`);
    this.failure = failure;
    this.status = answer.status ?? null;
    this.hints = answer.hints ?? {};
    this.systemCode = answer.systemCode ?? null;
    this.retryable = this.hints.shouldRetry ?? WORTH_RETRYING.has(failure);
    this.names = answer.names ?? {};
    this.#text = answer.text ?? '';
  }

  /** Whether the server's own words match. */
  says(pattern: RegExp): boolean {
    return pattern.test(this.#text);
  }

  /** The same failure for the caller, in words that say whose move it is. */
  toAppError(): AppError {
    const { mender, code, message } = FOR_THE_CALLER[this.failure];
    const wait = Math.min(this.hints.afterMs ?? DEFAULT_HINT_MS, LONGEST_HINT_MS);
    if (mender === 'time') return unavailable(message, wait, { code, cause: this });
    if (mender === 'caller') return invalidRequest(message, { code, cause: this });
    return new AppError(message, { status: 503, type: 'server_error', code, cause: this });
  }

  /**
   * The same for a caller who wrote the request to the chat server itself: what was wrong with it is theirs to mend, and
   * the server's own class of error stays in the code.
   */
  toCallersError(): AppError {
    const { failure, names, status } = this;
    const param = names.param === undefined ? {} : { param: names.param };
    const details = { ...param, cause: this };
    if (failure === 'rate_limited') {
      const wait = Math.min(this.hints.afterMs ?? DEFAULT_HINT_MS, LONGEST_HINT_MS);
      const code = names.code ?? 'rate_limit_exceeded';
      return overloaded(FOR_THE_CALLER.rate_limited.message, wait, { code, cause: this });
    }
    if (failure === 'unknown_model') {
      const message = 'The chat server does not have this model.';
      return invalidRequest(message, { status: 404, code: 'model_not_found', param: 'model', cause: this });
    }
    if (failure === 'rejected') {
      const field = names.param === undefined ? '' : ` Look at "${names.param}".`;
      const message = `The chat server did not accept this request.${field}`;
      const refused = status === 422 ? { status } : {};
      return invalidRequest(message, { ...refused, ...details, code: names.code ?? 'chat_rejected' });
    }
    return this.toAppError();
  }
}

/** Names only, never sentences: these can quote prompts and keys. */
interface ErrorNames {
  code?: string;
  param?: string;
}

/** What the SDK throws for an answer that is an error; for a lost connection there is neither status nor error. */
interface SdkError {
  status?: number;
  error?: unknown;
  headers?: Headers;
}

/**
 * Anything thrown while talking to the server. `otherwise` is what it means when the server itself did not say
 * anything: unreachable before its answer began, interrupted after.
 */
export function readChatServerError(
  thrown: unknown,
  otherwise: 'unreachable' | 'interrupted',
): ChatServerError {
  if (thrown instanceof ChatServerError) return thrown;
  if (!(thrown instanceof Error)) return new ChatServerError(otherwise);
  const { status, error, headers } = thrown as SdkError;
  if (status === undefined && error === undefined) {
    const systemCode = systemCodeOf(thrown);
    const silent = systemCode !== null && SILENCES.has(systemCode);
    return new ChatServerError(silent ? 'silent' : otherwise, { systemCode });
  }
  return readErrorBody(error, {
    ...(status !== undefined && { status }),
    ...(headers && { headers }),
    text: thrown.message,
  });
}

interface ErrorBody {
  code?: unknown;
  type?: unknown;
  message?: unknown;
  param?: unknown;
  metadata?: { error_type?: unknown; reasons?: unknown };
}

/** The `error` object of an answer, whatever status it came under: OpenRouter sends some under 200. */
export function readErrorBody(
  error: unknown,
  answer: { status?: number; headers?: Headers; text?: string } = {},
): ChatServerError {
  const body: ErrorBody = typeof error === 'object' && error !== null ? error : {};
  const inner = Number(body.code);
  const status =
    answer.status !== undefined && answer.status >= 400
      ? answer.status
      : inner >= 400 && inner < 600
        ? inner
        : 502;
  const text = `${answer.text ?? ''} ${JSON.stringify(error) ?? ''}`.slice(0, LONGEST_TEXT);
  return new ChatServerError(classify(body, status, text), {
    status,
    ...(answer.headers && { hints: readRetryHints(answer.headers, Date.now()) }),
    text,
    names: namesIn(body),
  });
}

function namesIn({ metadata, code, type, param }: ErrorBody): ErrorNames {
  const isName = (value: unknown): value is string =>
    typeof value === 'string' && /^[a-z][a-z0-9_]{2,60}$/.test(value);
  const named = [metadata?.error_type, code, type].find(isName);
  const isField = typeof param === 'string' && /^[A-Za-z_][\w.[\]]{0,80}$/.test(param);
  return { ...(named !== undefined && { code: named }), ...(isField && { param }) };
}

/** Names that OpenRouter (`metadata.error_type`) and OpenAI (`code`, `type`) give to errors, where a status alone misleads. */
const BY_NAME: Readonly<Record<string, ChatFailure>> = {
  context_length_exceeded: 'too_long',
  string_too_long: 'too_long',
  payload_too_large: 'too_long',
  content_policy_violation: 'filtered',
  content_filter: 'filtered',
  refusal: 'filtered',
  authentication: 'bad_key',
  invalid_api_key: 'bad_key',
  permission_denied: 'bad_key',
  payment_required: 'no_credit',
  insufficient_quota: 'no_credit',
  token_limit_exceeded: 'no_credit',
  model_not_found: 'unknown_model',
  rate_limit_exceeded: 'rate_limited',
  provider_overloaded: 'server_failed',
  provider_unavailable: 'server_failed',
  timeout: 'server_failed',
  server: 'server_failed',
};

function classify(body: ErrorBody, status: number, text: string): ChatFailure {
  const names = [body.metadata?.error_type, body.code, body.type].filter((name) => typeof name === 'string');
  const named = names.find((name) => Object.hasOwn(BY_NAME, name));
  if (named !== undefined) return BY_NAME[named] as ChatFailure;
  if (status === 403 && Array.isArray(body.metadata?.reasons)) return 'filtered';
  if (status === 401 || status === 403) return 'bad_key';
  if (status === 402) return 'no_credit';
  if (status === 404) return 'unknown_model';
  if (status === 413) return 'too_long';
  if (status === 429) return 'rate_limited';
  if (status >= 500 || status === 408 || status === 409) return 'server_failed';
  if (/context (length|window|size)|maximum context|prompt is too long|too many tokens/iu.test(text))
    return 'too_long';
  if (/not a valid model|model .{0,100}(not found|does not exist)/iu.test(text)) return 'unknown_model';
  return 'rejected';
}

/** Node's fetch has limits of its own (300 s for headers, 300 s between parts of a body), and they are silences too. */
const SILENCES: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** `fetch` and the SDK hide it in the causes of their own errors. */
function systemCodeOf(error: Error): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(at.code)) return at.code;
  return null;
}
