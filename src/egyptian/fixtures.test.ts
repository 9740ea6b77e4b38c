import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { splitClauses } from './clauses.js';

/** The case files lie beside the checkout, not in it; each kind also has cases of its own in the test beside its code. */
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/fixtures/egyptian');
const present = existsSync(folder);
if (!present)
  process.stderr.write(
    'skipped: the fixture files of the Egyptian text layer are not beside this checkout\n',
  );

function read<T>(name: string): (T & { id: string })[] {
  if (!present) return [];
  const lines = readFileSync(resolve(folder, `${name}.jsonl`), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T & { id: string });
}

describe.skipIf(!present)('fixture files', () => {
  it.each(read<{ text: string; expected: string[]; limit?: number }>('clauses'))('$id', (given) => {
    expect(splitClauses(given.text, { limit: given.limit })).toEqual(given.expected);
  });
});
