import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../lib/errors.js';
import type { HashReply } from './hash.js';

const buffer = Buffer.allocUnsafe(1024 * 1024);

/** Blocking reads are fine, because this thread has no other work. */
function sha256(path: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const bytes = readSync(descriptor, buffer);
      if (bytes === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytes));
    }
  } finally {
    closeSync(descriptor);
  }
}

function reply(path: string): HashReply {
  try {
    return { sha256: sha256(path) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

parentPort?.on('message', (path: string) => parentPort?.postMessage(reply(path)));
