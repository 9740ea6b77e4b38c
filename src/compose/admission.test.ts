import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.js';
import { createMetrics, type Metrics } from '../observability/metrics.js';
import { composeAdmission } from './admission.js';

let metrics: Metrics;

beforeEach(() => {
  metrics = createMetrics();
});

afterEach(() => {
  metrics.close();
});

it('counts the waiting and the rejected calls of each admission control in the metrics', async () => {
  const config = loadConfig({ MAX_WAITING: '1' }, { memoryBytes: 2 ** 30, cores: 2 });
  const { hearing, speaking } = composeAdmission(config, metrics, false);
  hearing.enter();
  hearing.enter();
  expect(() => hearing.check()).toThrow();
  expect(() => hearing.enter()).toThrow();
  speaking.enter();
  const { body } = await metrics.render();
  expect(body).toContain('kallemni_refusals_total{part="hearing"} 2');
  expect(body).not.toContain('kallemni_refusals_total{part="speaking"}');
  expect(body).toContain('kallemni_admission_queue_depth{part="hearing"} 1');
  expect(body).toContain('kallemni_admission_queue_depth{part="speaking"} 0');
  expect(body).toContain('kallemni_admission_queue_depth{part="chatting"} 0');
});
