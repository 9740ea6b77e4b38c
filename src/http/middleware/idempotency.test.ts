import { once as event } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../../lib/deferred.js';
import { errorResponse } from '../response/error-response.js';
import { createLogger } from '../../observability/logger.js';
import { AccessControl } from '../../access/access-control.js';
import { identifyCaller } from './authenticate.js';
import { idempotency, type IdempotencyOptions } from './idempotency.js';
import { until } from '../../../test/support/until.js';

const everyone = new AccessControl({ keys: [], limits: { requests: 0, audioSeconds: 0 }, trustProxy: 0 });

/** Answers with as many bytes as asked for, in two writes, once `until` has settled. */
function start(options: IdempotencyOptions, until: Promise<void> = Promise.resolve()) {
  const calls: number[] = [];
  const once = idempotency(options);
  const app = express();
  app.use(identifyCaller(everyone), express.json());
  app.post('/', once.mark, once.apply, async (received, response) => {
    const { bytes, broken } = received.body as { bytes: number; broken?: boolean };
    calls.push(bytes);
    await until;
    response.set('Content-Type', 'text/event-stream').write('a'.repeat(bytes - 1));
    if (broken) throw new Error('broken');
    response.end('z');
  });
  app.use(errorResponse(createLogger('silent')));
  const call = (key: string, body: { bytes: number; broken?: boolean }) =>
    request(app).post('/').set('Idempotency-Key', key).send(body);
  return { calls, call };
}

describe('the store of answers for repeated calls', () => {
  it('has no answer that is larger than the limit', async () => {
    const { calls, call } = start({ maxAnswerBytes: 100 });
    for (const bytes of [100, 100, 101, 101]) await call(`k${bytes}`, { bytes }).expect(200);
    expect(calls).toEqual([100, 101, 101]);
  });

  it('has a limited number of answers and evicts the least recently used', async () => {
    const { calls, call } = start({ maxAnswers: 2 });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await call(key, { bytes: 10 }).expect(200);
    expect(calls).toHaveLength(4);
  });

  it('has a limited number of bytes', async () => {
    const { calls, call } = start({ maxBytes: 1_500 });
    for (const key of ['a', 'b', 'a']) await call(key, { bytes: 1_000 }).expect(200);
    expect(calls).toHaveLength(3);
  });

  it('has no stream that broke in the middle', async () => {
    const { calls, call } = start({});
    for (let i = 0; i < 2; i++) {
      const response = await call('k', { bytes: 10, broken: true }).expect(200);
      expect(response.text).toContain('event: error');
    }
    expect(calls).toHaveLength(2);
  });

  it('has exactly the bytes that were sent', async () => {
    const { call } = start({});
    const first = await call('k', { bytes: 10 }).expect(200);
    const again = await call('k', { bytes: 10 }).expect(200).expect('idempotent-replayed', 'true');
    expect(again.text).toBe(first.text);
    expect(again.text).toBe('aaaaaaaaaz');
  });
});

describe('a repetition of a call that is still running', () => {
  it('gets 409 with Retry-After when its waiting time is over', async () => {
    const gate = new Deferred();
    const { calls, call } = start({ patienceMs: 1 }, gate.promise);
    const first = call('k', { bytes: 10 }).then((response) => response);
    await until(() => calls.length > 0, 'the first call');
    const second = await call('k', { bytes: 10 }).expect(409).expect('retry-after-ms', '2000');
    expect(second.body.error.code).toBe('idempotency_key_in_use');
    gate.resolve();
    expect((await first).status).toBe(200);
    await call('k', { bytes: 10 }).expect('idempotent-replayed', 'true');
  });
});

it('succeeds when the first caller left before the work began', async () => {
  const once = idempotency({ patienceMs: 2_000 });
  let calls = 0;
  const app = express();
  app.use(identifyCaller(everyone), once.mark);
  const reached = new Promise<void>((resolve) => {
    app.post('/', async (received, response, next) => {
      if (calls > 0 || !received.get('x-leave')) return next();
      resolve();
      await event(response, 'close');
      next();
    });
  });
  app.post('/', once.apply, (_request, response) => void response.send(`call ${(calls += 1)}`));
  const over = new Promise<void>((resolve) => {
    app.use(((_error, _request, _response, _next) => resolve()) satisfies express.ErrorRequestHandler);
  });
  const server = app.listen(0, '127.0.0.1');
  try {
    await event(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nX-Leave: 1\r\nContent-Length: 0\r\n\r\n',
    );
    await reached;
    socket.destroy();
    await over;
    await request(server).post('/').set('Idempotency-Key', 'k').expect(200, 'call 1');
  } finally {
    server.close();
  }
});
