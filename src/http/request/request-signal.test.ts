import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { afterEach, expect, it } from 'vitest';
import { openEventStream } from '../response/sse.js';
import { requestSignal } from './request-signal.js';

let stop = (): void => undefined;

afterEach(() => stop());

/** A request whose caller left before its signal was first used. */
async function abandoned(): Promise<{ request: Request; response: Response }> {
  const app = express();
  const met = new Promise<{ request: Request; response: Response }>((resolve) => {
    app.use((request, response) => resolve({ request, response }));
  });
  const server = app.listen(0, '127.0.0.1');
  stop = () => void server.close();
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const { request, response } = await met;
  const closed = once(response, 'close');
  socket.destroy();
  await closed;
  return { request, response };
}

it('the signal is aborted if the caller left before its first use', async () => {
  const { request, response } = await abandoned();
  const signal = requestSignal(request, response);
  expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'The caller left.' });
});

it('no event stream is opened for a caller who left, because nothing would end its heartbeat', async () => {
  const { request, response } = await abandoned();
  expect(() => openEventStream(response, requestSignal(request, response))).toThrow('The caller left.');
  expect(response.headersSent).toBe(false);
});
