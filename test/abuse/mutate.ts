import { gzipSync } from 'node:zlib';
import type { Dice } from './random.js';
import type { Seeds } from './seeds.js';

/** A request as it goes over the wire. */
export interface RawRequest {
  /** What was done to it, for the report. */
  kind: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** The caller hangs up after this many bytes of the body. */
  leavesAfter?: number;
  /** Written to a bare socket instead: not HTTP any more. */
  wire?: Buffer;
}

const JSON_PATHS = ['/v1/chat', '/v1/speak', '/v1/audio/speech', '/v1/chat/completions'];
const UPLOAD_PATHS = [
  '/v1/transcribe',
  '/v1/voice-chat',
  '/v1/audio/transcriptions',
  '/v1/voices',
  '/v1/audio/voices',
];
const FIELDS = [
  'text',
  'message',
  'input',
  'model',
  'voice',
  'format',
  'response_format',
  'speed',
  'history',
  'messages',
  'stream',
];
const FIELDS_OF_UPLOADS = [
  'language',
  'prompt',
  'timestamps',
  'format',
  'voice',
  'history',
  'conversation',
  'model',
  'stream',
  'name',
  'consent',
  'timestamp_granularities[]',
  'temperature',
];
const NAMES = [
  'voice.m4a',
  '../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd',
  'a\0b.wav',
  'x'.repeat(5_000),
  '%2e%2e%2f',
  'صوت.ogg',
  '',
  '.',
  'CON',
  "a'; rm -rf /;'.wav",
];
const KINDS = [
  'json fields',
  'broken json',
  'multipart fields',
  'broken multipart',
  'audio bytes',
  'trap',
  'http',
  'path',
  'hang-up',
] as const;

/** One request that is wrong in some way, or in none. */
export function mutatedRequest(dice: Dice, seeds: Seeds): RawRequest {
  const kind = dice.pick(KINDS);
  switch (kind) {
    case 'json fields':
      return json(kind, dice, Buffer.from(JSON.stringify(strangeObject(dice))));
    case 'broken json':
      return json(kind, dice, damaged(dice, Buffer.from(JSON.stringify({ text: 'أهلاً', message: 'إزيك' }))));
    case 'multipart fields':
      return upload(kind, dice, dice.pick(seeds.recordings));
    case 'broken multipart': {
      const request = upload(kind, dice, dice.pick(seeds.recordings));
      return { ...request, body: damaged(dice, request.body), headers: oddBoundary(dice, request.headers) };
    }
    case 'audio bytes':
      return audio(kind, dice, damaged(dice, dice.pick(seeds.recordings)));
    case 'trap':
      return audio(kind, dice, dice.pick(seeds.traps));
    case 'http':
      return { ...json(kind, dice, Buffer.alloc(0)), wire: strangeWire(dice) };
    case 'path':
      return {
        kind,
        method: dice.pick(METHODS),
        path: strangePath(dice),
        headers: {},
        body: Buffer.alloc(0),
      };
    case 'hang-up': {
      const request = audio(kind, dice, seeds.good);
      return { ...request, leavesAfter: dice.below(request.body.length + 1) };
    }
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];

function json(kind: string, dice: Dice, body: Buffer): RawRequest {
  const zipped = dice.chance(0.1);
  return {
    kind,
    method: 'POST',
    path: dice.pick(JSON_PATHS),
    headers: {
      'content-type': dice.pick(['application/json', 'application/json; charset=utf-16', 'text/plain', '']),
      ...(zipped && { 'content-encoding': dice.pick(['gzip', 'deflate', 'br', 'x-unknown']) }),
    },
    body: zipped ? gzipSync(dice.chance(0.3) ? Buffer.alloc(2 ** 24, ' ') : body) : body,
  };
}

function audio(kind: string, dice: Dice, recording: Buffer): RawRequest {
  if (dice.chance(0.5)) return upload(kind, dice, recording, 0);
  const type = dice.pick([
    'audio/mp4',
    'audio/wav',
    'application/octet-stream',
    'video/webm',
    'audio/x-mpegurl',
  ]);
  return {
    kind,
    method: 'POST',
    path: dice.pick(UPLOAD_PATHS),
    headers: { 'content-type': type },
    body: recording,
  };
}

function upload(kind: string, dice: Dice, recording: Buffer, fields = dice.below(8)): RawRequest {
  const boundary = `----${dice.below(1e9)}`;
  const parts: Buffer[] = [];
  for (let field = 0; field < fields; field++) {
    const name = dice.pick(FIELDS_OF_UPLOADS);
    const value = String(strangeValue(dice, 1)).slice(0, 2_000);
    parts.push(
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    );
  }
  const file = dice.pick(['file', 'file', 'file', 'audio_sample', 'other']);
  parts.push(
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${file}"; filename="${dice.pick(NAMES)}"\r\n\r\n`,
    ),
    recording,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  );
  return {
    kind,
    method: 'POST',
    path: dice.pick(UPLOAD_PATHS),
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      accept: dice.pick(['*/*', 'application/json', 'text/event-stream']),
    },
    body: Buffer.concat(parts),
  };
}

function oddBoundary(dice: Dice, headers: Record<string, string>): Record<string, string> {
  if (dice.chance(0.6)) return headers;
  const boundary = dice.pick([
    '',
    '; boundary=',
    '; boundary="',
    `; boundary=${'b'.repeat(300)}`,
    '; boundary=a\tb',
  ]);
  return { ...headers, 'content-type': `multipart/form-data${boundary}` };
}

/** Bytes flipped, cut out, doubled or cut off, most often in the head, where lengths and types stand. */
function damaged(dice: Dice, whole: Buffer): Buffer {
  const bytes = Buffer.from(whole);
  const reach = dice.chance(0.7) ? Math.min(256, bytes.length) : bytes.length;
  for (let change = dice.below(12); change >= 0; change--) {
    bytes[dice.below(reach)] = dice.pick([0, 255, 127, 128, dice.below(256)]);
  }
  if (dice.chance(0.3)) return bytes.subarray(0, dice.below(bytes.length));
  if (dice.chance(0.2)) return Buffer.concat([bytes.subarray(0, dice.below(bytes.length)), bytes]);
  return bytes;
}

function strangeObject(dice: Dice): unknown {
  if (dice.chance(0.1)) return strangeValue(dice, 0);
  const entries = Array.from(
    { length: 1 + dice.below(6) },
    () => [dice.pick(FIELDS), strangeValue(dice, 0)] as const,
  );
  return Object.fromEntries([
    ...entries,
    ...(dice.chance(0.1) ? [['__proto__', { admin: true }] as const] : []),
  ]);
}

function strangeValue(dice: Dice, depth: number): unknown {
  const simple: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1e308,
    3.5,
    '',
    ' ',
    'أهلاً',
    'wav',
    'mp3',
    'default',
    'alloy',
    'a'.repeat(5_000),
    '\ud800',
    '\u202e\u0000',
    '😀'.repeat(50),
    "'; DROP TABLE voices;--",
    '${7*7}',
    '../../x',
    '<script>',
    '12345678901234567890',
    'ar',
    'none',
  ];
  if (depth < 3 && dice.chance(0.2))
    return Array.from({ length: dice.below(4) }, () => strangeValue(dice, depth + 1));
  if (depth < 3 && dice.chance(0.1)) return { role: 'user', content: strangeValue(dice, depth + 1) };
  return dice.pick(simple);
}

function strangePath(dice: Dice): string {
  return dice.pick([
    '/v1/voices/..%2f..%2fetc%2fpasswd',
    '/docs/..%2f..%2fpackage.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/%00',
    '/v1/voices/%ff',
    `/${'a'.repeat(3_000)}`,
    '/v1/models/__proto__',
    '/v1/transcribe?__proto__[x]=1&timestamps[]=word',
    '//evil.example/',
    '/v1/speak',
    '/health?x=%',
    '/v1/audio/voice_consents/..',
    '/.env',
    '/metrics',
    `/v1/voices/voice_${'0'.repeat(32)}`,
  ]);
}

function strangeWire(dice: Dice): Buffer {
  const head = 'POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  return dice.pick([
    Buffer.from('GET\r\n\r\n'),
    Buffer.from('\x16\x03\x01\x02\x00\x01', 'latin1'),
    Buffer.from(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}`),
    Buffer.from(`${head}Content-Length: -1\r\n\r\n{}`),
    Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`),
    Buffer.from(`${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
    Buffer.from(`${head}X: ${'a'.repeat(40_000)}\r\n\r\n`),
    Buffer.from(`${head}${'A: b\r\n'.repeat(3_000)}\r\n`),
    Buffer.from(`${head}No colon here\r\n\r\n`),
    Buffer.from(`GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
    Buffer.from(`GET /health HTTP/1.0\r\n\r\n`),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.concat([
      Buffer.from('POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n'),
      dice.bytes(40),
    ]),
  ]);
}
