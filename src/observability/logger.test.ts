import { describe, expect, it } from 'vitest';
import { AppError } from '../lib/errors.js';
import { createLogger } from './logger.js';
import { outsideRequests, withinRequest } from './request-context.js';
import { NO_SPAN } from './tracing.js';

function capture(secrets: string[] = []) {
  const lines: string[] = [];
  const logger = createLogger('trace', { secrets, destination: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('a log line', () => {
  it('has the id of its request, across awaits, and no id outside a request', async () => {
    const { logger, last } = capture();
    await withinRequest({ requestId: 'req_1', span: NO_SPAN }, async () => {
      await Promise.resolve();
      logger.info('within');
      expect(last()['requestId']).toBe('req_1');
      outsideRequests(() => logger.info('a process that others use as well'));
      expect(last()).not.toHaveProperty('requestId');
      logger.info({ requestId: 'req_2' }, 'named by itself');
      expect(last()['requestId']).toBe('req_2');
    });
    logger.info('after');
    expect(last()).not.toHaveProperty('requestId');
  });

  it('shows no secret in any field, message or error, even if JSON escapes it', () => {
    const { logger, lines } = capture(['canary"key', 'canary-token']);
    const cause = new Error('the server said: canary-token is wrong');
    logger.error({ error: new Error('outer canary"key', { cause }), list: ['canary-token'] }, 'canary"key');
    expect(lines.join()).not.toMatch(/canary/);
    expect(lines.join()).toContain('[redacted]');
  });

  it('has class, message, code and causes of an error, and none of its other properties', () => {
    const { logger, last } = capture();
    const cause = Object.assign(new Error('parse'), { body: 'canary', code: 'EPARSE' });
    const error = new AppError('refused', { status: 503, type: 'server_error', code: 'away', cause });
    logger.warn({ error }, 'request could not be served');
    expect(last()).toMatchObject({
      error: { type: 'AppError', message: 'refused', code: 'away', status: 503, cause: { code: 'EPARSE' } },
    });
    expect(JSON.stringify(last())).not.toContain('canary');
  });
});
