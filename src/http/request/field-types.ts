import { z } from 'zod';
import { languageOf } from '../../lib/language.js';

/** Fields that several calls have, and the types of values in forms, where everything is a string. */

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

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'y', 'on', 't'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'n', 'off', 'f'].map((word) => [word, false] as const),
]);

/** A number in a form, within the limits of `schema`. */
export function formNumber<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value),
    schema,
  );
}

/** A boolean in a form, in any usual spelling: `True`, `1`, `yes`, `on`. */
export function formBoolean<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? (BOOLEANS.get(value.toLowerCase()) ?? value) : value),
    schema,
  );
}

/** A list in a form: one item comes as a string. */
export function formList<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item));
}

/** A JSON value in a form; text that is no JSON stays a string for the schema to refuse. */
export function formJson<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(parsedIfJson, schema);
}

function parsedIfJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
