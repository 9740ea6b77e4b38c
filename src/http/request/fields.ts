import type { Request } from 'express';
import { z } from 'zod';
import { AppError, invalidRequest } from '../../lib/errors.js';
import { languageOf } from '../../lib/language.js';

/** Checks what a caller sent. Throws AppError 400 naming the first field at fault; fields we do not know are ignored, as OpenAI does. */
export function parseFields<Schema extends z.ZodType>(schema: Schema, fields: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = fieldName(issue?.path ?? []);
  if (issue && isMissing(fields, issue.path))
    throw invalidRequest(`"${param}" is missing.`, { code: 'missing_field', param });
  throw invalidRequest(
    `${param === '' ? 'The request' : `"${param}"`} is not acceptable: ${issue?.message ?? 'wrong value'}.`,
    { code: 'invalid_value', ...(param !== '' && { param }) },
  );
}

/** The field at a path of the request, as callers write it: `messages[0].role`. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`,
    '',
  );
}

/** An AppError whose field is called otherwise by this route's callers; anything else as it is. */
export function withFieldNames(error: unknown, names: Readonly<Record<string, string>>): unknown {
  const param = error instanceof AppError && error.param !== null ? names[error.param] : undefined;
  if (!(error instanceof AppError) || param === undefined) return error;
  const { message, status, type, code, retryAfterMs, load } = error;
  return new AppError(message, {
    status,
    type,
    param,
    ...(code !== null && { code }),
    ...(retryAfterMs !== null && { retryAfterMs }),
    ...(load !== null && { load }),
    cause: error,
  });
}

function isMissing(fields: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>(
    (parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key],
    fields,
  );
  return value === undefined;
}

/** The parsed JSON object of a request. Throws AppError 415 or 400 when there is none. */
export function jsonBody(request: Request): unknown {
  if (request.is('application/json') === false) {
    throw invalidRequest('Send a JSON body with Content-Type: application/json.', {
      status: 415,
      code: 'unsupported_media_type',
    });
  }
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest('The body must be a JSON object.', { code: 'invalid_json' });
  }
  return body;
}

/** `ar`, or with a region (`ar-EG`). */
export const LANGUAGE_CODE = /^[a-z]{2,3}(-[A-Za-z]{2})?$/;

export const languageField = z
  .string()
  .regex(LANGUAGE_CODE, 'an ISO 639-1 code such as "ar"')
  .transform(languageOf);

const message = z.object({ role: z.enum(['user', 'assistant']), content: z.string() });
export const historyField = z.array(message);
export const conversationField = z.string().regex(/^[\w-]{1,64}$/, 'up to 64 letters, digits, "-" and "_"');
export const audioFormatField = z.enum(['wav', 'mp3', 'opus', 'aac', 'flac', 'pcm']);
