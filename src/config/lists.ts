import { z } from 'zod';

/** `name=value,name=value`, values percent-encoded where they need to be, as OpenTelemetry writes them. */
export const keyValues = z.string().transform((list, context): Record<string, string> => {
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  const pairs = entries.map(parsePair);
  const broken = pairs.indexOf(null);
  if (broken >= 0) {
    // Its text is not shown: it may be a key.
    context.addIssue(`entry ${broken + 1} is not name=value`);
    return z.NEVER;
  }
  return Object.fromEntries(pairs.filter((pair) => pair !== null));
});

/** A program and its arguments: words with spaces between, or a JSON array of strings where one holds a space. */
export const commandLine = z.string().transform((line, context): string[] => {
  const trimmed = line.trim();
  if (!trimmed.startsWith('[')) return trimmed.split(/\s+/).filter(Boolean);
  const words = z.array(z.string()).min(1).safeParse(parseJson(trimmed));
  if (words.success && words.data[0] !== '') return words.data;
  context.addIssue('a program with its arguments, or a JSON array of strings');
  return z.NEVER;
});

function parsePair(entry: string): [string, string] | null {
  const equals = entry.indexOf('=');
  if (equals < 1) return null;
  try {
    return [entry.slice(0, equals).trim(), decodeURIComponent(entry.slice(equals + 1).trim())];
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
