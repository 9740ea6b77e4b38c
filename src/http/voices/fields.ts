import { z } from 'zod';
import type { Request } from 'express';
import { invalidRequest } from '../../lib/errors.js';
import { withFieldNames } from '../request/fields.js';

export const nameField = z
  .string()
  .trim()
  .min(1, 'a name of 1 to 100 characters')
  .max(100, 'a name of 1 to 100 characters')
  // eslint-disable-next-line no-control-regex -- as JSON Schema has it: readers of openapi.json know no \P{Cc}
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'a name without control characters');

/** The id in the path. */
export function idOf(request: Request): string {
  return String(request.params['id']);
}

/** What decodes and judges recordings knows them as `file`: here what it refuses gets the name that the caller sent it by. */
export async function inField<T>(field: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw withFieldNames(error, { file: field });
  }
}

/** `null` and `false` mean that there is none. */
export function found<T>(value: T | null | false, kind: string): T {
  if (value !== null && value !== false) return value;
  throw invalidRequest(`There is no ${kind} with this id.`, {
    status: 404,
    code: `${kind.replace(' ', '_')}_not_found`,
    param: 'id',
  });
}

/** OpenAI's times are seconds. */
export function unixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
