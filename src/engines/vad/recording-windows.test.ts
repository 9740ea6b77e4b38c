import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VAD_FRAME, type SpeechSpan } from './voice-activity.js';
import { recordingWindows } from './recording-windows.js';

const RATE = 16_000;
const limits = { longest: 30 * RATE, pause: 3 * RATE, search: 10 * RATE };
const span = (start: number, end: number): SpeechSpan => ({ start: start * RATE, end: end * RATE });

describe('The windows of a recording', () => {
  it('contain as many spans as fit', () => {
    expect(
      recordingWindows([span(0, 10), span(11, 20), span(21, 35), span(36, 40)], new Float32Array(), limits),
    ).toEqual([span(0, 20), span(21, 40)]);
  });

  it('end at a long pause', () => {
    expect(recordingWindows([span(1, 2), span(6, 7)], new Float32Array(), limits)).toEqual([
      span(1, 2),
      span(6, 7),
    ]);
  });

  it('cut speech without pauses at the frame where speech is least probable', () => {
    const probabilities = new Float32Array(Math.ceil((70 * RATE) / VAD_FRAME)).fill(0.99);
    const frame = Math.floor((25 * RATE) / VAD_FRAME);
    probabilities[frame] = 0.6;
    const windows = recordingWindows([span(0, 50)], probabilities, limits);
    expect(windows.map(({ end }) => end)).toEqual([frame * VAD_FRAME + VAD_FRAME / 2, 50 * RATE]);
  });

  it('contain every span exactly once and are never too long', () => {
    const lengths = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 8 * RATE }), fc.integer({ min: 4000, max: 75 * RATE })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(lengths, (list) => {
        let at = 0;
        const spans = list.map(([silence, speech]) => {
          const start = at + silence;
          at = start + speech;
          return { start, end: at };
        });
        const probabilities = new Float32Array(Math.ceil(at / VAD_FRAME)).fill(0.9);
        const windows = recordingWindows(spans, probabilities, limits);
        let last = 0;
        for (const window of windows) {
          expect(window.start).toBeGreaterThanOrEqual(last);
          expect(window.end - window.start).toBeLessThanOrEqual(limits.longest);
          last = window.end;
        }
        const heard = (start: number, end: number): number =>
          windows.reduce(
            (sum, window) => sum + Math.max(0, Math.min(end, window.end) - Math.max(start, window.start)),
            0,
          );
        for (const { start, end } of spans) expect(heard(start, end)).toBe(end - start);
      }),
    );
  });
});
