import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fourier } from './fourier.js';

function definition(real: number[], imaginary: number[]): [number, number][] {
  return real.map((_, bin) => {
    let [sumReal, sumImaginary] = [0, 0];
    for (const [index, value] of real.entries()) {
      const angle = (-2 * Math.PI * bin * index) / real.length;
      const other = imaginary[index] ?? 0;
      sumReal += value * Math.cos(angle) - other * Math.sin(angle);
      sumImaginary += value * Math.sin(angle) + other * Math.cos(angle);
    }
    return [sumReal, sumImaginary];
  });
}

describe('Fourier', () => {
  it('equals the definition, also when it is used again', () => {
    const number = fc.double({ min: -1, max: 1, noNaN: true });
    const numbers = fc
      .integer({ min: 0, max: 6 })
      .chain((bits) =>
        fc.tuple(...[0, 1].map(() => fc.array(number, { minLength: 2 ** bits, maxLength: 2 ** bits }))),
      );
    fc.assert(
      fc.property(numbers, ([real = [], imaginary = []]) => {
        const fourier = new Fourier(real.length);
        for (let use = 0; use < 2; use++) {
          fourier.real.set(real);
          fourier.imaginary.set(imaginary);
          fourier.transform();
        }
        for (const [bin, [wantedReal, wantedImaginary]] of definition(real, imaginary).entries()) {
          expect(fourier.real[bin]).toBeCloseTo(wantedReal, 9);
          expect(fourier.imaginary[bin]).toBeCloseTo(wantedImaginary, 9);
        }
      }),
    );
  });

  it('rejects other lengths', () => {
    expect(() => new Fourier(400)).toThrow('400');
  });
});
