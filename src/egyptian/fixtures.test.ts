import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arabizi } from './franco/arabizi.js';
import { backchannelKind } from './judgements/backchannels.js';
import { splitClauses } from './clauses/clauses.js';
import { dialectScore } from './judgements/dialect.js';
import { inventedKind } from './judgements/hallucinations.js';
import { normalise } from './speech/normalise.js';
import { evaluationForm, searchForm } from './transcripts.js';

/** test/fixtures/egyptian/README.md states the rules that these cases follow. */
const FOLDER = new URL('../../test/fixtures/egyptian/', import.meta.url);

function read<T>(name: string): (T & { id: string })[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T & { id: string });
}

describe('case files', () => {
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
