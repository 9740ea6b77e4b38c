import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { arabizi } from './franco/arabizi.js';
import { backchannelKind } from './judgements/backchannels.js';
import { splitClauses } from './clauses/clauses.js';
import { dialectScore } from './judgements/dialect.js';
import { inventedKind } from './judgements/hallucinations.js';
import { normalise } from './speech/normalise.js';
import { evaluationForm, searchForm } from './transcripts.js';

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

  it.each(read<{ input: string; expected: string[] }>('normalise'))('$id $input', ({ input, expected }) => {
    expect(expected).toContain(normalise(input));
  });

  it.each(read<{ input: string; expected: string[] }>('arabizi'))('$id $input', ({ input, expected }) => {
    expect(expected).toContain(arabizi(input));
  });

  it.each(read<{ text: string; is_hallucination: boolean }>('hallucinations'))('$id $text', (given) => {
    expect(inventedKind(given.text) !== undefined).toBe(given.is_hallucination);
  });

  it.each(read<{ text: string; kind: string }>('backchannels'))('$id $text', ({ text, kind }) => {
    expect(backchannelKind(text)).toBe(kind);
  });

  it.each(read<{ text: string; label: string }>('msa-leak'))('$id $text', ({ text, label }) => {
    expect(dialectScore(text).label).toBe(label);
  });

  it.each(read<{ input: string; expected: { eval: string; search: string } }>('stt-normalise'))(
    '$id',
    (given) => {
      expect({ eval: evaluationForm(given.input), search: searchForm(given.input) }).toEqual(given.expected);
    },
  );
});
