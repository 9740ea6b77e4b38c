import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics, type Metrics } from './metrics.js';

let metrics: Metrics;

beforeEach(() => {
  metrics = createMetrics('1.2.3');
});

afterEach(() => {
  metrics.close();
});

it('counts events with few labels', async () => {
  metrics.request({ method: 'POST', route: '/v1/chat', outcome: '200', milliseconds: 40 });
  metrics.stage('decode', 30);
  metrics.refused('transcribe');
  metrics.tokens(12, 7);
  metrics.audioHeard(2.5);
  metrics.audioSpoken(1.5);
  metrics.dialectCorrections.inc();
  const { body, contentType } = await metrics.render();
  expect(contentType).toContain('text/plain');
  for (const line of [
    'kallemni_http_requests_total{method="POST",route="/v1/chat",status="200"} 1',
    'kallemni_http_request_duration_seconds_bucket{le="0.1",route="/v1/chat"} 1',
    'kallemni_stage_duration_seconds_sum{stage="decode"} 0.03',
    'kallemni_refusals_total{part="transcribe"} 1',
    'kallemni_chat_tokens_total{direction="input"} 12',
    'kallemni_chat_tokens_total{direction="output"} 7',
    'kallemni_audio_seconds_total{direction="input"} 2.5',
    'kallemni_audio_seconds_total{direction="output"} 1.5',
    'kallemni_dialect_corrections_total 1',
    `kallemni_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  ])
    expect(body).toContain(line);
});

it('reads states at each scrape, and drops series that no longer exist', async () => {
  let processes = [{ name: 'hearing', residentBytes: 5_000, restarts: 2 }];
  metrics.watch(() => ({
    engines: [{ name: 'stt', status: 'busy', queued: 3 }],
    models: [{ id: 'whisper-base', state: 'downloading', percent: 25 }],
    processes,
  }));
  const { body } = await metrics.render();
  for (const line of [
    'kallemni_engine_queue_depth{engine="stt"} 3',
    'kallemni_engine_state{engine="stt",state="busy"} 1',
    'kallemni_engine_state{engine="stt",state="ready"} 0',
    'kallemni_model_state{model="whisper-base",state="downloading"} 1',
    'kallemni_model_downloaded_ratio{model="whisper-base"} 0.25',
    'kallemni_resident_memory_bytes{process="hearing"} 5000',
    'kallemni_process_restarts{process="hearing"} 2',
  ])
    expect(body).toContain(line);
  expect(body).toMatch(/kallemni_resident_memory_bytes\{process="service"\} [1-9]\d{6}/);
  expect(body).toMatch(/kallemni_event_loop_delay_seconds\{quantile="0.99"\} \d/);
  processes = [];
  expect((await metrics.render()).body).not.toContain('process="hearing"');
});

it('reports how many admitted calls wait', async () => {
  metrics.watchAdmission(() => [{ name: 'hearing', waiting: 2 }]);
  expect((await metrics.render()).body).toContain('kallemni_admission_queue_depth{part="hearing"} 2');
});
