import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request, Response } from 'express';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../observability/logger.js';
import { acceptUpload } from './upload.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'upload-test-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('removes the folder of a caller who leaves while it is being created', async () => {
  const request = { get: () => undefined, is: () => false } as unknown as Request;
  const response = Object.assign(new EventEmitter(), { closed: false });
  const accept = acceptUpload({ directory, maxBytes: 1_000, logger: createLogger('silent') });

  const accepted = accept(request, response as unknown as Response, () => undefined);
  response.closed = true;
  response.emit('close');

  await expect(accepted).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => readdir(directory)).toEqual([]);
});
