import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelStores } from '../../test/support/model-stores.js';
import { content, downloadRequest, FILE, known, stallingAt } from '../../test/support/download-request.js';
import { type FakeHub } from '../../test/support/fake-hub.js';
import { downloadFile } from './download.js';

describe('an interrupted download', () => {
  let stores: ModelStores;
  let directory: string;
  let hub: FakeHub;

  beforeEach(async () => {
    stores = await ModelStores.create();
    ({ directory } = stores);
    hub = await stores.newHub();
  });
  afterEach(() => stores.close());

  const gets = () => hub.requests.filter(({ method }) => method === 'GET');
  const ranges = () => gets().map(({ headers }) => headers.range);
  const part = () => readFile(join(directory, 'model.onnx.part'));
  const stallAfter = (...bytes: number[]) =>
    hub.fail(FILE, ...bytes.map((afterBytes) => ({ kind: 'stall' as const, afterBytes })));

  it('gets the same bytes after any cuts, with any kind of validator', async () => {
    const flaky = {
      strong: hub,
      weak: await stores.newHub({ etag: 'weak' }),
      none: await stores.newHub({ etag: null }),
    };
    const cuts = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 5 });
    const validators = fc.constantFrom(...(Object.keys(flaky) as (keyof typeof flaky)[]));
    const expectations = fc.constantFrom(known, { size: known.size }, {});
    await fc.assert(
      fc.asyncProperty(cuts, validators, expectations, async (points, validator, expected) => {
        const server = flaky[validator];
        server.fail(FILE, ...points.map((afterBytes) => ({ kind: 'cut' as const, afterBytes })));
        const downloaded = await downloadFile(downloadRequest(server.url, directory, { expected }));
        expect((await part()).equals(content)).toBe(true);
        await downloaded.part.remove();
      }),
      { numRuns: 40 },
    );
  });

  it('continues where the bytes ended, and only if the content is still the same', async () => {
    stallAfter(100_000, 50_000);
    const request = stallingAt([100_000, 150_000], hub.url, directory);
    await downloadFile(request);

    expect(ranges()).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
    expect(gets()[1]?.headers['if-range']).toMatch(/^"[0-9a-f]+"$/);
    expect(request.logger.warn.mock.calls[0]).toEqual([
      expect.objectContaining({ reason: 'no data for 30 s' }),
      'Download interrupted, trying again',
    ]);
  });

  it('continues the download of an earlier process', async () => {
    const controller = new AbortController();
    stallAfter(100_000);
    const onReceived = (bytes: number) => void (bytes === 100_000 && controller.abort());
    const left = downloadFile(downloadRequest(hub.url, directory, { signal: controller.signal, onReceived }));
    await expect(left).rejects.toThrow(/abort/i);
    await downloadFile(downloadRequest(hub.url, directory));

    expect(ranges()).toEqual([undefined, 'bytes=100000-']);
    expect((await part()).equals(content)).toBe(true);
  });

  it.each([
    ['the size is known', known],
    ['it has to ask', {}],
  ])('uses a complete part without downloading when %s', async (_, expected) => {
    await downloadFile(downloadRequest(hub.url, directory, { expected }));
    await downloadFile(downloadRequest(hub.url, directory, { expected }));

    expect(hub.sentBytes()).toBe(content.byteLength);
    expect((await part()).equals(content)).toBe(true);
  });

  it.each([
    ['', []],
    [', though the server would continue', [{ kind: 'no-condition' } as const]],
  ])('starts over when the content has changed, and never mixes two contents%s', async (_, faults) => {
    const newer = randomBytes(200_000);
    stallAfter(100_000);
    hub.fail(FILE, ...faults);
    const onReceived = (bytes: number) => void (bytes === 100_000 && hub.put(FILE, newer));
    await downloadFile(stallingAt([100_000], hub.url, directory, { expected: {}, onReceived }));

    expect(ranges()[1]).toBe('bytes=100000-');
    expect((await part()).equals(newer)).toBe(true);
  });

  it('starts over when neither a validator nor a hash proves that the bytes belong together', async () => {
    hub = await stores.newHub({ etag: 'weak' });
    stallAfter(100_000);
    await downloadFile(stallingAt([100_000], hub.url, directory, { expected: {} }));

    expect(ranges()).toEqual([undefined, undefined]);
  });

  it('downloads the whole file from a server that does not support ranges', async () => {
    stallAfter(100_000);
    hub.fail(FILE, { kind: 'no-range' });
    await downloadFile(stallingAt([100_000], hub.url, directory));

    expect(ranges()).toEqual([undefined, 'bytes=100000-']);
    expect((await part()).equals(content)).toBe(true);
  });

  it('does not count attempts that received a megabyte', async () => {
    const large = randomBytes(9 * 2 ** 20);
    const sizes = Array.from({ length: 8 }, (_, index) => (index + 1) * 2 ** 20);
    hub.put(FILE, large);
    stallAfter(...sizes.map(() => 2 ** 20));
    await downloadFile(stallingAt(sizes, hub.url, directory, { expected: {} }));

    expect(gets()).toHaveLength(9);
    expect((await part()).equals(large)).toBe(true);
  });
});
