import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

interface Workflow {
  jobs: Record<string, { strategy: { matrix: { node: number[] } }; steps: { run?: string }[] }>;
}

it('the workflow runs .ci/run on every Node version that the service supports', () => {
  const file = new URL('../../.github/workflows/ci.yml', import.meta.url);
  const { jobs } = parse(readFileSync(file, 'utf8')) as Workflow;
  expect(jobs['checks']?.strategy.matrix.node).toEqual([20, 22]);
  expect(jobs['checks']?.steps.map(({ run }) => run)).toContain('.ci/run');
});
