import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Upload } from 'tus-js-client';
import { afterAll, expect, it } from 'vitest';
import { jobsOpen } from '../../support/jobs-open.js';
import { ServiceProcess } from '../../support/service-process.js';

const MIB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'kallemni-jobs-'));
const services: ServiceProcess[] = [];
afterAll(async () => {
  for (const service of services) await service.end();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<ServiceProcess> {
  const service = new ServiceProcess({ JOBS_DIR: folder, DEVICE: 'cpu', LOG_LEVEL: 'info' });
  services.push(service);
  await service.logged('listening');
  return service;
}

const uploads = join(folder, 'uploads');
const ids = (): string[] => readdirSync(uploads).filter((name) => name.startsWith('upload_'));
const arrived = (): number => {
  const [id] = ids();
  return id === undefined ? 0 : statSync(join(uploads, id, 'data')).size;
};
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Sends in one endless chunk, as tus-js-client does by default. */
function send(file: Buffer, options: Partial<Upload['options']>): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      retryDelays: null,
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload),
    });
    upload.start();
  });
}

it('an upload continues after kill -9 in the middle of a chunk, without losing a byte', async () => {
  const file = randomBytes(32 * MIB);
  const first = await start();
  await jobsOpen(first.url);
  let path = '';
  const cut = send(file, {
    endpoint: `${first.url}/v1/uploads`,
    onAfterResponse: (_request, response) => {
      path ||= new URL(response.getHeader('location') ?? '/', first.url).pathname;
    },
    // The rest of the file waits until the process is killed.
    onProgress: () => arrived() > 2 * MIB && first.signal('SIGKILL'),
  });
  await expect(cut).rejects.toThrow();
  await first.exited;
  const before = arrived();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(file.length);

  const second = await start();
  let resumedAt = 0;
  const upload = await send(file, {
    uploadUrl: second.url + path,
    onBeforeRequest: (request) => {
      resumedAt = Number(request.getHeader('Upload-Offset') ?? resumedAt);
    },
  });
  expect(resumedAt).toBe(before);
  const id = upload.url?.split('/').pop() ?? '';
  expect(ids()).toEqual([id]);
  expect(sha256(readFileSync(join(uploads, id, 'data')))).toBe(sha256(file));
  const state = await (await fetch(`${second.url}/v1/uploads/${id}`)).json();
  expect(state).toMatchObject({ status: 'completed', bytes: file.length });
  second.signal('SIGTERM');
  await second.exited;
  expect(second.leftFiles()).toEqual([]);
}, 120_000);
