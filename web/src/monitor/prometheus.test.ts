import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/observability/metrics.js';
import { bucketsBy, parseMetrics, quantileOf, totalOf } from './prometheus.js';

describe('the metrics of the service', () => {
  it('are read as the service writes them', async () => {
    const metrics = createMetrics('1');
    for (const ms of [100, 200, 300, 4_000]) metrics.stage('transcribe', ms);
    metrics.stage('reply', 20_000_000);
    metrics.refused('speak');
    metrics.refused('hearing');
    const samples = parseMetrics((await metrics.render()).body);
    metrics.close();
    expect(totalOf(samples, 'kallemni_refusals_total')).toBe(2);
    const stages = bucketsBy(samples, 'kallemni_stage_duration_seconds', 'stage');
    expect(quantileOf(stages.get('transcribe')!, 0.5)).toBeCloseTo(0.25, 2);
    expect(quantileOf(stages.get('transcribe')!, 0.95)).toBeGreaterThan(2);
    // Above the last limit the quantile is that limit.
    expect(quantileOf(stages.get('reply')!, 0.5)).toBe(60);
  });

  it.each([
    ['# HELP a_total What it counts.', []],
    ['', []],
    ['a_total 3', [{ name: 'a_total', labels: {}, value: 3 }]],
    [
      'a{x="1,2",y="say \\"no\\"",z="C:\\\\d"} 0.5 1700000000',
      [{ name: 'a', labels: { x: '1,2', y: 'say "no"', z: 'C:\\d' }, value: 0.5 }],
    ],
    ['a{le="+Inf"} +Inf', [{ name: 'a', labels: { le: '+Inf' }, value: Infinity }]],
  ])('have the samples of a line: %s', (line, samples) => {
    expect(parseMetrics(line)).toEqual(samples);
  });

  it('have no quantile without observations', () => {
    expect(quantileOf([], 0.5)).toBeNull();
    expect(quantileOf([{ le: 1, count: 0 }], 0.5)).toBeNull();
  });
});
