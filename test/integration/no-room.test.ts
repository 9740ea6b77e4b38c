import { afterEach, expect, it, vi } from 'vitest';
import { compose } from '../../src/compose.js';
import { ConfigError, loadConfig } from '../../src/config/load-config.js';
import { createLogger } from '../../src/observability/logger.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('the service does not start when recordings cannot be stored, and names the setting', async () => {
  vi.stubEnv('TMPDIR', '/dev/null');
  const started = compose(loadConfig({}), createLogger('silent'));
  await expect(started).rejects.toThrow(ConfigError);
  await expect(started).rejects.toThrow(/^TMPDIR: recordings cannot be stored in \/dev\/null/);
});
