import { expect, describe, it } from 'vitest';
import { TINY_MODEL } from '../fake-model-folder.js';
import { passes, verifyFolder, type Check } from './verify-folder.js';

describe('verifyFolder', () => {
  it("finds every stage within its tolerance of Coqui's numbers", async () => {
    const checks: Check[] = [];
    for await (const check of verifyFolder(TINY_MODEL)) checks.push(check);
    expect(checks.filter((check) => !passes(check))).toEqual([]);
    expect(checks).toHaveLength(46);
  });

  it('tells a pass from a failure', () => {
    const check = { quantity: 'q', limit: 60, unit: 'dB' as const };
    expect(passes({ ...check, measured: 59, bound: 'at least' })).toBe(false);
    expect(passes({ ...check, measured: 61, bound: 'at least' })).toBe(true);
    expect(passes({ ...check, measured: NaN, bound: 'at most' })).toBe(false);
    expect(passes({ ...check, measured: 61, bound: 'at most' })).toBe(false);
  });
});
