import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinearStretch } from './linear-stretch.js';

const WIDTH = 2;

/** The reference: PyTorch's interpolate(mode="linear", align_corners=False) over the whole input. */
function definition(rows: Float32Array, scale: number): number[] {
  const count = rows.length / WIDTH;
  return Array.from({ length: Math.floor(count * scale) }, (_, output) => {
    const position = Math.min(Math.max(0, (output + 0.5) / scale - 0.5), count - 1);
    const lower = Math.floor(position);
    const at = (row: number, column: number): number =>
      rows[Math.min(row, count - 1) * WIDTH + column] ?? NaN;
    return [0, 1].map(
      (column) => at(lower, column) * (1 - position + lower) + at(lower + 1, column) * (position - lower),
    );
  }).flat();
}

const cases = fc.record({
  rows: fc
    .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: WIDTH, maxLength: 80 })
    .map((values) => Float32Array.from(values.slice(0, values.length - (values.length % WIDTH)))),
  scale: fc.oneof(fc.constantFrom(4, 24_000 / 22_050, 1), fc.double({ min: 0.25, max: 4, noNaN: true })),
  cuts: fc.array(fc.nat(40), { maxLength: 6 }),
});

describe('LinearStretch', () => {
  it('gives the same result as one pass over the whole input, wherever the input is cut', () => {
    fc.assert(
      fc.property(cases, ({ rows, scale, cuts }) => {
        const stretch = new LinearStretch(scale, WIDTH);
        const count = rows.length / WIDTH;
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, count)).sort((a, b) => a - b), count];
        const parts = bounds
          .slice(1)
          .map((end, index) => stretch.push(rows.subarray((bounds[index] ?? 0) * WIDTH, end * WIDTH)));
        const all = [...parts, stretch.finish()].flatMap((part) => [...part]);
        const wanted = definition(rows, scale);
        expect(all).toHaveLength(wanted.length);
        for (const [index, value] of wanted.entries()) expect(all[index]).toBeCloseTo(value, 5);
      }),
    );
  });

  it('holds back only the rows that the next input row may change', () => {
    const stretch = new LinearStretch(4, 1);
    expect(stretch.push(Float32Array.of(0, 1, 2))).toHaveLength(10);
    expect(stretch.finish()).toHaveLength(2);
  });
});
