import { randomBytes } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelStores } from '../../test/support/model-stores.js';
import { content, downloadRequest, FILE, known } from '../../test/support/download-request.js';
import { FAKE_COMMIT, type FakeHub } from '../../test/support/fake-hub.js';
import { FileNotFound, PermanentFailure, TransientFailure, WrongContent } from './download-failure.js';
import { downloadFile } from './download.js';
import type { AppendFile } from './part-file.js';

describe('downloadFile', () => {
  let stores: ModelStores;
  let directory: string;
  let hub: FakeHub;

  beforeEach(async () => {
    stores = await ModelStores.create();
    ({ directory } = stores);
    hub = await stores.newHub();
  });
  afterEach(() => stores.close());

  const request = (changes: Parameters<typeof downloadRequest>[2] = {}) =>
    downloadRequest(hub.url, directory, changes);
  const gets = () => hub.requests.filter(({ method }) => method === 'GET');
  const part = () => readFile(join(directory, 'model.onnx.part'));

  it('leaves the verified content in the part and returns size, hash and commit', async () => {
    const downloaded = await downloadFile(request({ expected: {} }));

    expect(downloaded).toMatchObject({ ...known, commit: FAKE_COMMIT });
    expect((await part()).equals(content)).toBe(true);
  });

  describe('rejected for now', () => {
    it('waits as long as the server asks, or with growing pauses', async () => {
      hub.fail(
        FILE,
        { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
        { kind: 'status', status: 503 },
        { kind: 'status', status: 500 },
      );
      const asked = request();
      await downloadFile(asked);

      expect(asked.pauses[0]).toBe(7000);
      expect(asked.pauses[1]).toBeGreaterThanOrEqual(500);
      expect(asked.pauses[2]).toBeGreaterThanOrEqual(1000);
    });

    it('gives up after a few attempts without progress', async () => {
      hub.failAlways(FILE, { kind: 'status', status: 503, headers: { 'retry-after': '9' } });

      const failure = downloadFile(request());

      await expect(failure).rejects.toThrow(/onnx\/model\.onnx: Xenova\/tiny on .* \(HTTP 503\)/);
      await expect(failure).rejects.toMatchObject({ retryAfterMs: 9000 });
      expect(gets()).toHaveLength(6);
    });

    it('does not wait an hour for a server, but passes the time on', async () => {
      hub.failAlways(FILE, { kind: 'status', status: 429, headers: { 'retry-after': '3600' } });

      const asked = request();

      await expect(downloadFile(asked)).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
      expect(asked.pauses).toEqual([]);
    });

    it('reports a hub that cannot be reached', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, 'close');

      const failure = downloadFile(downloadRequest(`http://127.0.0.1:${port}`, directory));

      await expect(failure).rejects.toThrow(TransientFailure);
      await expect(failure).rejects.toThrow(
        new RegExp(`no connection to 127\\.0\\.0\\.1:${port} \\(.*ECONNREFUSED`),
      );
    });
  });

  describe('rejected for good', () => {
    it.each([401, 403])('explains gated repositories on %i, without a retry', async (status) => {
      hub.failAlways(FILE, { kind: 'status', status });

      const failure = downloadFile(request());

      await expect(failure).rejects.toThrow(PermanentFailure);
      await expect(failure).rejects.toThrow(
        /onnx\/model\.onnx: no access to Xenova\/tiny.*gated.*set HF_TOKEN/,
      );
      expect(gets()).toHaveLength(1);
    });

    it('names file, repository and revision on 404', async () => {
      hub.failAlways(FILE, { kind: 'status', status: 404 });

      const failure = downloadFile(request());

      await expect(failure).rejects.toThrow(FileNotFound);
      await expect(failure).rejects.toThrow(/onnx\/model\.onnx: not in revision main of Xenova\/tiny/);
    });

    it.each(['text/html; charset=utf-8', 'application/octet-stream'])(
      'rejects a web page sent as %s',
      async (contentType) => {
        hub.failAlways(FILE, { kind: 'html', contentType });

        await expect(downloadFile(request({ expected: {} }))).rejects.toThrow(/web page.*captive portal/);
        expect(gets()).toHaveLength(1);
      },
    );

    it('rejects a Git LFS pointer', async () => {
      hub.put(FILE, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 300000\n');

      await expect(downloadFile(request({ expected: {} }))).rejects.toThrow(/Git LFS pointer/);
    });

    it('explains a disk that fills up during the download, and removes the part', async () => {
      const openFile = async (path: string): Promise<AppendFile> => {
        const file = await open(path, 'a');
        return {
          truncate: (length) => file.truncate(length),
          appendFile: async (bytes) => {
            await file.appendFile(bytes.subarray(0, 10));
            throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          },
          sync: () => file.sync(),
          close: () => file.close(),
        };
      };

      await expect(downloadFile(request({ openFile }))).rejects.toThrow(
        /onnx\/model\.onnx: the disk of MODELS_DIR is full/,
      );

      expect(await readdir(directory)).toEqual([]);
    });
  });

  describe('wrong content', () => {
    it('is downloaded once more', async () => {
      hub.fail(FILE, { kind: 'wrong-bytes' });
      await downloadFile(request());

      expect((await part()).equals(content)).toBe(true);
    });

    it.each([
      ['wrong bytes', { kind: 'wrong-bytes' } as const, /wrong SHA-256/],
      ['a wrong size', { kind: 'short', bytes: 1000 } as const, /1000 bytes, not the 300000/],
    ])('fails after %s twice and leaves no file behind', async (_, fault, message) => {
      hub.failAlways(FILE, fault);

      await expect(downloadFile(request())).rejects.toThrow(message);

      expect(gets()).toHaveLength(2);
      expect(await readdir(directory)).toEqual([]);
    });

    it('is detected by the hash that the hub announces if no other is known', async () => {
      hub = await stores.newHub({ cdn: true });
      hub.failAlways(FILE, { kind: 'wrong-bytes' });

      await expect(downloadFile(request({ expected: {} }))).rejects.toThrow(WrongContent);
    });

    it('is not transferred when the hub announces another hash than expected', async () => {
      hub = await stores.newHub({ cdn: true });
      const asked = request({ expected: { sha256: 'a'.repeat(64) } });

      await expect(downloadFile(asked)).rejects.toThrow(/other content/);
      expect(asked.onReceived).not.toHaveBeenCalled();
    });

    it('does not fill the disk when the server sends more than the file has', async () => {
      hub.put(FILE, randomBytes(1_000_000));
      hub.failAlways(FILE, { kind: 'no-length' });

      await expect(downloadFile(request())).rejects.toThrow(/more than 300000 bytes/);
    });
  });

  describe('the token', () => {
    it('is sent to the configured host only', async () => {
      hub = await stores.newHub({ cdn: true });
      await downloadFile(request({ token: 'hf_secret' }));

      const seenBy = (server: string) =>
        hub.requests.filter((asked) => asked.server === server).map(({ headers }) => headers.authorization);
      expect(seenBy('hub')).toEqual(['Bearer hf_secret']);
      expect(seenBy('cdn')).toEqual([undefined]);
    });

    it('never appears in logs or messages', async () => {
      hub.fail(FILE, { kind: 'status', status: 500 }, { kind: 'status', status: 403 });
      const asked = request({ token: 'hf_secret' });
      const error = await downloadFile(asked).catch((reason: unknown) => reason);

      expect(String(error)).toContain('HF_TOKEN is set, but');
      expect(String(error) + JSON.stringify(asked.logger.warn.mock.calls)).not.toContain('hf_secret');
    });
  });
});
