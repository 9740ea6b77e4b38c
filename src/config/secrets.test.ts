import { expect, it } from 'vitest';
import { secretsIn } from './secrets.js';

it('secrets are whole values, parts of lists, and passwords in addresses', () => {
  const secrets = secretsIn({
    HF_TOKEN: 'hf_abcdef',
    API_KEYS: 'web:s3cret-of-web,phone:s3cret-of-phone',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key',
    OPENAI_BASE_URL: 'https://me:pass-word@chat.example/v1',
    LOG_LEVEL: 'information',
    OPENAI_API_KEY: '',
  });
  for (const secret of ['hf_abcdef', 's3cret-of-web', 's3cret-of-phone', 'Bearer collector-key', 'pass-word'])
    expect(secrets).toContain(secret);
  expect(secrets.join()).not.toMatch(/information|chat\.example/);
  expect(secrets).not.toContain('web');
});
