import { afterEach, describe, expect, it } from 'vitest';
import { composeModels } from '../../src/compose/models.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { TurnModel } from '../../src/engines/turn/turn-detector.js';
import { createLogger } from '../../src/observability/logger.js';
import { startTestApp, type TestService } from '../support/test-app.js';
import { LiveClient, quiet, tone } from './live-client.js';

class FakeTurnModel implements TurnModel {
  readonly heardSeconds: number[] = [];

  async completeness(samples: Float32Array): Promise<number> {
    this.heardSeconds.push(samples.length / 16_000);
    return 0.9;
  }

  async close(): Promise<void> {}
}

describe('TURN_MODEL', () => {
  it.each([
    ['off', undefined],
    ['smart-turn', 'smart-turn-v3'],
  ])('%s provides the model %s', async (setting, id) => {
    const models = await composeModels(loadConfig({ TURN_MODEL: setting }), createLogger('silent'));
    expect(models.turn?.id).toBe(id);
    expect(models.all.some((provision) => provision.id === 'smart-turn-v3')).toBe(id !== undefined);
    await models.close();
  });
});

describe('A turn model', () => {
  const turnModel = new FakeTurnModel();
  let service: TestService;
  let client: LiveClient;

  afterEach(async () => {
    client.close();
    await service.stop();
  });

  it('is asked in the pauses of sessions with semantic_vad, and only there', async () => {
    service = await startTestApp({ turnModel });
    client = await LiveClient.connect(service.url);
    client.append(tone(600));
    client.append(quiet(900));
    await client.event('input_audio_buffer.committed');
    expect(turnModel.heardSeconds).toEqual([]);
    const input = { turn_detection: { type: 'semantic_vad' } };
    client.send({ type: 'session.update', session: { type: 'realtime', audio: { input } } });
    client.append(tone(600));
    client.append(quiet(900));
    await client.event('input_audio_buffer.committed', 2);
    expect(turnModel.heardSeconds).toHaveLength(1);
    // The speech and the first 300 ms of the silence.
    expect(turnModel.heardSeconds[0]).toBeGreaterThan(0.85);
  });
});
