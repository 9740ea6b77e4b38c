import { describe, expect, it } from 'vitest';
import { VoicePrefixes } from './voice-prefixes.js';

describe('VoicePrefixes', () => {
  const voice = (seed: number): Float32Array => new Float32Array(8).fill(seed);

  it('finds a voice by its numbers and evicts the least recently used one', () => {
    const prefixes = new VoicePrefixes(2);
    const one = {};
    prefixes.keep(voice(1), one);
    prefixes.keep(voice(2), {});
    expect(prefixes.find(voice(1))).toBe(one);
    prefixes.keep(voice(3), {});
    expect(prefixes.find(voice(1))).toBe(one);
    expect(prefixes.find(voice(2))).toBeUndefined();
  });

  it('is not affected when a caller changes the numbers afterwards', () => {
    const prefixes = new VoicePrefixes(2);
    const reused = voice(1);
    prefixes.keep(reused, {});
    reused.fill(9);
    expect(prefixes.find(voice(9))).toBeUndefined();
    expect(prefixes.find(voice(1))).toBeDefined();
  });
});
