import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, describe, it } from 'vitest';
import { TINY_MODEL } from '../fake-model-folder.js';
import { parseNpy } from './npy.js';
import { passes, verifyFolder, type Check } from './verify-folder.js';

/** The miniature with a louder 16 kHz reference, and the power mel that belongs to it: it grows with the square. */
async function louderReference(gain: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kallemni-verify-'));
  await cp(TINY_MODEL, folder, { recursive: true });
  const scale = async (name: string, factor: number): Promise<void> => {
    const file = path.join(folder, 'expected', `${name}.npy`);
    const bytes = await readFile(file);
    const values = parseNpy(bytes).data.map((value) => value * factor);
    const header = bytes.subarray(0, bytes.length - values.byteLength);
    await writeFile(file, Buffer.concat([header, Buffer.from(values.buffer)]));
  };
  await scale('reference_16000', gain);
  await scale('reference_22050', gain);
  await scale('speaker_mel', gain ** 2);
  return folder;
}

describe('verifyFolder', () => {
  it("every stage is within its tolerance of Coqui's numbers", async () => {
    const checks: Check[] = [];
    for await (const check of verifyFolder(TINY_MODEL)) checks.push(check);
    expect(checks.filter((check) => !passes(check))).toEqual([]);
    expect(checks).toHaveLength(46);
  });

  it('a reference that is twenty times louder gives the same verdict', async () => {
    const folder = await louderReference(20);
    try {
      const checks: Check[] = [];
      for await (const check of verifyFolder(folder)) {
        checks.push(check);
        if (check.quantity === 'speaker mel') break;
      }
      expect(checks.at(-1)).toMatchObject({ quantity: 'speaker mel' });
      expect(checks.filter((check) => /resampling|speaker mel/.test(check.quantity)).every(passes)).toBe(
        true,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('a check fails when its value is outside the tolerance', () => {
    const check = { quantity: 'q', limit: 60, unit: 'dB' as const };
    expect(passes({ ...check, measured: 59, bound: 'at least' })).toBe(false);
    expect(passes({ ...check, measured: 61, bound: 'at least' })).toBe(true);
    expect(passes({ ...check, measured: NaN, bound: 'at most' })).toBe(false);
    expect(passes({ ...check, measured: 61, bound: 'at most' })).toBe(false);
  });
});
