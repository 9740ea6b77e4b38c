import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rawMultipart, type RawPart } from '../support/raw-multipart.js';
import { SPEECH_SAMPLE, startTestApp, type TestService } from '../support/test-app.js';

const speech = readFileSync(SPEECH_SAMPLE);
/** 9 s of noise: 288 KB, more than the limit of a text field. */
const largeWav = wav(9);

let service: TestService;

beforeAll(async () => {
  service = await startTestApp({ hears: { text: 'عامل إيه' } });
});
afterAll(async () => service.stop());
beforeEach(() => void (service.hearing.calls.length = 0));

interface Answer {
  status: number;
  body: { text?: string; error?: { code: string; message: string; param: string | null } };
}

async function send(
  body: Uint8Array,
  type = 'multipart/form-data; boundary=x',
  path = '/v1/transcribe',
): Promise<Answer> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': type },
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const file = (head: string, content: Uint8Array = speech): RawPart => ({ head, content });
const NAMED = 'Content-Disposition: form-data; name="file"; filename="v.m4a"';

describe('the part with the recording', () => {
  it.each([
    ['no file name', 'Content-Disposition: form-data; name="file"'],
    [
      'no file name and a type',
      'Content-Disposition: form-data; name="file"\nContent-Type: application/octet-stream',
    ],
    [
      'no file name and a text type',
      'Content-Disposition: form-data; name="file"\nContent-Type: text/plain; charset=UTF-8',
    ],
    ['an empty file name', 'Content-Disposition: form-data; name="file"; filename=""'],
    ['an extended file name', 'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'%D8%A3.m4a'],
    [
      'a file name with quotes, semicolons and letters',
      'Content-Disposition: form-data; filename="a;name=\\"x\\";ø.m4a"; name="file"',
    ],
    ['a name without quotes', 'Content-Disposition: form-data; name=file'],
    ['a name in another case', 'content-disposition: FORM-DATA; NAME="File"'],
    ['headers over two lines', 'Content-Disposition: form-data;\n name="file"'],
    [
      'other headers',
      'Content-Length: 1\nX-Other: y\nContent-Disposition: form-data; name="file"\nContent-Transfer-Encoding: BINARY',
    ],
  ])('may have %s, for small and large recordings', async (_what, head) => {
    for (const content of [speech, largeWav]) {
      const { status, body } = await send(rawMultipart([file(head, content)]));
      expect([status, body.text ?? body.error]).toEqual([200, 'عامل إيه']);
    }
    expect(service.hearing.calls.map(({ seconds }) => Math.round(seconds))).toEqual([6, 9]);
  });

  it.each<[string, string, Record<string, string>]>([
    ['/v1/audio/transcriptions', 'file', { model: 'whisper-1' }],
    ['/v1/voice-chat', 'FILE', { format: 'pcm' }],
  ])('needs no file name at %s', async (path, name, fields) => {
    const texts = Object.entries(fields).map(([field, content]) => ({
      head: `Content-Disposition: form-data; name="${field}"`,
      content,
    }));
    const body = rawMultipart([file(`Content-Disposition: form-data; name="${name}"`), ...texts]);
    const response = await fetch(service.url + path, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  it('is rejected by its size, with or without a file name', async () => {
    for (const head of [NAMED, 'Content-Disposition: form-data; name="file"']) {
      const { status, body } = await send(rawMultipart([file(head, new Uint8Array(1.5 * 2 ** 20))]));
      expect([status, body.error?.code]).toEqual([413, 'file_too_large']);
    }
  });

  it('is rejected in base64, which the service does not decode', async () => {
    const head = 'Content-Disposition: form-data; name="file"\nContent-Transfer-Encoding: base64';
    const { status, body } = await send(rawMultipart([{ head, content: speech.toString('base64') }]));
    expect([status, body.error?.param]).toEqual([400, 'file']);
    expect(body.error?.message).toContain('base64');
  });
});

describe('a boundary', () => {
  it.each([
    ['multipart/form-data; boundary=a/b', 'a/b'],
    ["multipart/form-data; boundary='()+_,-./:=?", "'()+_,-./:=?"],
    ['multipart/form-data;boundary=----WebKitFormBoundary/+=', '----WebKitFormBoundary/+='],
    ['multipart/form-data; boundary="a b"', 'a b'],
    ['multipart/form-data; boundary=a b; charset=utf-8', 'a b'],
    ['multipart/form-data; charset="UTF-8"; BOUNDARY = x', 'x'],
    ['Multipart/Form-Data; boundary=x;', 'x'],
    ['multipart/form-data; boundary="a\\"b"', 'a"b'],
    ['multipart/form-data; boundary=x; boundary=y', 'x'],
  ])('is found in %s', async (type, boundary) => {
    const { status, body } = await send(rawMultipart([file(NAMED)], { boundary }), type);
    expect([status, body.text ?? body.error]).toEqual([200, 'عامل إيه']);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; charset=utf-8',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
  ])('that is missing in %s causes an error that explains it', async (type) => {
    const { status, body } = await send(rawMultipart([file(NAMED)]), type);
    expect([status, body.error?.code]).toEqual([400, 'invalid_multipart']);
    expect(body.error?.message).toMatch(/no boundary.*HTTP library sets it/);
  });

  it('that differs from the body causes an error that names it', async () => {
    const { status, body } = await send(rawMultipart([file(NAMED)], { boundary: 'y' }));
    expect(status).toBe(400);
    expect(body.error?.message).toMatch(/boundary .* does not occur in the body/);
  });
});

describe('a form', () => {
  it('may have lines that end in LF alone', async () => {
    const text = { head: 'Content-Disposition: form-data; name="prompt"', content: 'كلام\nمصري' };
    const { status } = await send(rawMultipart([text, file(NAMED)], { lineEnd: '\n' }));
    expect(status).toBe(200);
    expect(service.hearing.calls[0]?.options.prompt).toBe('كلام\nمصري');
  });

  it('may have a preamble and an epilogue', async () => {
    const body = rawMultipart([file(NAMED)], { preamble: 'A form.\r\n', epilogue: 'The end.\r\n--x\r\n' });
    expect((await send(body)).status).toBe(200);
  });

  it.each([
    ['application/octet-stream', ''],
    ['text/plain; charset=utf8', ''],
    ['application/json', '; filename="blob"'],
    ['text/plain', '; filename="blob"'],
  ])('keeps a text field of type %s', async (type, fileName) => {
    const head = `Content-Disposition: form-data; name="prompt"${fileName}\nContent-Type: ${type}`;
    expect((await send(rawMultipart([{ head, content: 'كلام' }, file(NAMED)]))).status).toBe(200);
    expect(service.hearing.calls[0]?.options.prompt).toBe('كلام');
  });

  it('with a recording in another field is rejected with the right name', async () => {
    const head = 'Content-Disposition: form-data; name="audio"; filename="v.m4a"\nContent-Type: audio/mp4';
    const { status, body } = await send(rawMultipart([file(head)]));
    expect([status, body.error?.code, body.error?.param]).toEqual([400, 'unexpected_file', 'file']);
  });

  it('with a part without a name is rejected', async () => {
    const { status, body } = await send(rawMultipart([file('Content-Type: audio/mp4')]));
    expect([status, body.error?.code]).toEqual([400, 'invalid_multipart']);
    expect(body.error?.message).toContain('has no name');
  });
});

/** Mono, 16 kHz, 16 bits: noise, the same in each run. */
function wav(seconds: number): Buffer {
  const bytes = seconds * 32_000;
  const buffer = Buffer.alloc(44 + bytes);
  buffer.write('RIFF');
  buffer.writeUInt32LE(36 + bytes, 4);
  buffer.write('WAVEfmt ', 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(16_000, 24);
  buffer.writeUInt32LE(32_000, 28);
  buffer.writeUInt16LE(2, 32);
  buffer.writeUInt16LE(16, 34);
  buffer.write('data', 36);
  buffer.writeUInt32LE(bytes, 40);
  for (let at = 44, state = 1; at < buffer.length; at += 2) {
    state = (state * 48_271) % 2_147_483_647;
    buffer.writeInt16LE((state % 20_000) - 10_000, at);
  }
  return buffer;
}
