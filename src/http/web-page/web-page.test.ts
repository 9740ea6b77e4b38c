import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import express from 'express';
import request from 'supertest';
import { afterAll, describe, expect, it } from 'vitest';
import { serveWebPage } from './serve-web-page.js';
import { readWebPage, type WebPage } from './web-page.js';

const folder = mkdtempSync(join(tmpdir(), 'web-page-'));
const SCRIPT = 'console.log("hello");';
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
writeFileSync(join(folder, 'assets', 'main-1a2b.js'), SCRIPT);
writeFileSync(join(folder, 'assets', 'main-1a2b.js.br'), brotliCompressSync(SCRIPT));
writeFileSync(join(folder, 'assets', 'main-1a2b.js.gz'), gzipSync(SCRIPT));
writeFileSync(join(folder, '.sources'), 'a stamp of the build');
afterAll(() => rmSync(folder, { recursive: true }));

const page = readWebPage(folder) as WebPage;
const app = express().disable('etag').use(serveWebPage(page));
const served = request(app);

describe('the page at /', () => {
  it('is checked by ETag each time, and its hashed files are kept', async () => {
    const first = await served.get('/').expect(200).expect('content-type', /html/);
    expect(first.get('Cache-Control')).toBe('no-cache');
    await served.get('/').set('If-None-Match', first.get('ETag')!).expect(304);
    const asset = await served
      .get('/assets/main-1a2b.js')
      .expect(200)
      .expect('content-type', /javascript/);
    expect(asset.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
  });

  it.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
    ['br;q=0, gzip', 'gzip'],
  ])('sends what a browser with "Accept-Encoding: %s" can read', async (accepted, encoding) => {
    const answer = await served.get('/assets/main-1a2b.js').set('Accept-Encoding', accepted).expect(200);
    expect(answer.get('Content-Encoding')).toBe(encoding);
    expect(answer.get('Vary')).toBe('Accept-Encoding');
    if (encoding !== 'br') expect(answer.text).toBe(SCRIPT);
  });

  it('gives each encoding an ETag of its own', async () => {
    const etags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (encoding) =>
        (await served.get('/assets/main-1a2b.js').set('Accept-Encoding', encoding)).get('ETag'),
      ),
    );
    expect(new Set(etags).size).toBe(3);
  });

  it('allows no inline script, no inline style and no other site', async () => {
    const policy = (await served.get('/')).get('Content-Security-Policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it.each(['/.sources', '/assets/main-1a2b.js.br', '/assets/../index.html', '/index.html', '/v1/models'])(
    'has nothing at %s',
    async (path) => {
      await served.get(path).expect(404);
    },
  );

  it('takes no other method', async () => {
    await served.head('/').expect(200);
    await served.post('/').expect(404);
  });

  it('is null where it was not built', () => {
    expect(readWebPage(join(folder, 'nowhere'))).toBeNull();
  });
});
