import type { z } from 'zod';
import { invalidRequest, type AppError } from '../../lib/errors.js';
import { fieldName } from '../request/fields.js';

type Issue = z.core.$ZodIssue;

/** OpenAI's message and code for a violated rule of our schema. */
export function rule(message: string, code = 'invalid_value'): { message: string; params: { code: string } } {
  return { message, params: { code } };
}

/** The error for an invalid field, with OpenAI's messages and codes. */
export function inOpenAiWords(issue: Issue): AppError {
  const param = fieldName(issue.path);
  const { message, code } = describe(issue, param);
  return invalidRequest(message, { code, ...(param !== '' && { param }) });
}

function describe(issue: Issue, param: string): { message: string; code: string } {
  if (issue.input === undefined && issue.code !== 'custom') {
    return { message: `Missing required parameter: '${param}'.`, code: 'missing_required_parameter' };
  }
  if (issue.code === 'invalid_type') {
    return {
      message: `Invalid type for '${param}': expected ${article(issue.expected)}, but got ${typeName(issue.input)} instead.`,
      code: 'invalid_type',
    };
  }
  if (issue.code === 'too_big' || issue.code === 'too_small') return outOfBounds(issue, param);
  if (issue.code === 'invalid_value') {
    const known = issue.values.map((value) => `'${String(value)}'`).join(', ');
    const message = `Invalid value: '${shown(issue.input)}'. Supported values are: ${known}.`;
    return { message, code: 'invalid_value' };
  }
  const code: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  return {
    message: `Invalid '${param}': ${issue.message}.`,
    code: typeof code === 'string' ? code : 'invalid_value',
  };
}

function outOfBounds(
  issue: Extract<Issue, { code: 'too_big' | 'too_small' }>,
  param: string,
): { message: string; code: string } {
  const above = issue.code === 'too_big';
  const limit = above ? issue.maximum : issue.minimum;
  if (issue.origin === 'string' || issue.origin === 'array') {
    const size = (issue.input as { length: number }).length;
    const long = above ? 'too long' : size === 0 ? `empty ${issue.origin}` : 'too short';
    return {
      message: `Invalid '${param}': ${size === 0 ? long : `${issue.origin} ${long}`}. Expected ${article(issue.origin)} with ${above ? 'maximum' : 'minimum'} length ${limit}, but got one with length ${size} instead.`,
      code:
        size === 0 ? `empty_${issue.origin}` : `${issue.origin}_${above ? 'above_max' : 'below_min'}_length`,
    };
  }
  return {
    message: `Invalid '${param}': decimal ${above ? 'above maximum' : 'below minimum'} value. Expected a value ${above ? '<=' : '>='} ${limit}, but got ${String(issue.input)} instead.`,
    code: above ? 'decimal_above_max_value' : 'decimal_below_min_value',
  };
}

const LONGEST_SHOWN = 60;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return article(typeof value);
}

function article(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
