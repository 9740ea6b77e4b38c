import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/lib/random.js';
import { killRun } from '../../support/kill-jobs.js';

const KILLS = 5;

it(
  'jobs survive kill -9 at random moments, and give what they give undisturbed',
  { timeout: 240_000 },
  async () => {
    const random = seededRandom(20_261_127);
    const undisturbed = await killRun({ kills: 0, windows: 4, random });
    expect(JSON.stringify(undisturbed.transcript)).toContain('سياسي');
    expect(undisturbed.files).toEqual(['job.json', 'job.json', 'result.json', 'result.pcm']);
    const disturbed = await killRun({ kills: KILLS, windows: 4, random });
    expect({ ...disturbed, attempts: [] }).toEqual({ ...undisturbed, attempts: [] });
    expect(Math.max(...disturbed.attempts)).toBeGreaterThan(1);
  },
);
