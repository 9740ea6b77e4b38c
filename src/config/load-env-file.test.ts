import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { loadEnvFile, parseEnvFile } from './load-env-file.js';

const TEXT = 'PORT=9000\n# Kommentar\nOPENROUTER_API_KEY=sk-or-v1-secret\n';
const SETTINGS = { PORT: '9000', OPENROUTER_API_KEY: 'sk-or-v1-secret' };
const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('the encoding of .env', () => {
  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16 as Windows writes it', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16, big-endian', bigEndian(`\ufeff${TEXT}`)],
    ['UTF-16 without a mark', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16, big-endian, without a mark', bigEndian(TEXT)],
    ['line ends of Windows', Buffer.from(TEXT.replaceAll('\n', '\r\n'))],
    ['line ends of old Macs', Buffer.from(TEXT.replaceAll('\n', '\r'))],
  ])('%s is read', (_, bytes) => {
    expect(parseEnvFile(bytes)).toEqual(SETTINGS);
  });

  it('of any other kind stops the start and is named in the message', () => {
    const windows1256 = Buffer.concat([Buffer.from('WHISPER_PROMPT='), Buffer.from([0xe3, 0xd1, 0xcd])]);
    expect(() => parseEnvFile(windows1256)).toThrow(ConfigError);
    expect(() => parseEnvFile(windows1256)).toThrow(/\.env is not saved as UTF-8 text/);
  });
});

describe('the lines of .env', () => {
  it.each([
    ['export PORT=9000', { PORT: '9000' }],
    ['PORT = 9000', { PORT: '9000' }],
    ['  PORT="9000" # where it listens', { PORT: '9000' }],
    ["WHISPER_PROMPT='أهلاً # بيك'", { WHISPER_PROMPT: 'أهلاً # بيك' }],
    ['A="two\nlines, not=a setting"\nB=1', { A: 'two\nlines, not=a setting', B: '1' }],
    ['EMPTY=\nPORT=1', { EMPTY: '', PORT: '1' }],
    ['# don\'t = "x\nPORT=1\n# "', { PORT: '1' }],
    ['', {}],
  ])('%j is read', (text, settings) => {
    expect(parseEnvFile(Buffer.from(text))).toEqual(settings);
  });

  it.each([
    ['PORT: 9000', 1],
    ['\nset PORT=9000', 2],
    ['A="two\nlines"\nPORT 9000', 3],
    ['{"PORT": 9000}', 1],
  ])('%j stops the start with the number of the line, not its text', (text, line) => {
    const read = (): unknown => parseEnvFile(Buffer.from(text));
    expect(read).toThrow(`.env, line ${line} is not NAME=value`);
    expect(read).not.toThrow(/9000/);
  });

  it('with a value that a "#" would cut stops the start', () => {
    expect(() => parseEnvFile(Buffer.from('HF_TOKEN=hf_abc#def'))).toThrow(
      /line 1: what follows "#" would be lost/,
    );
    expect(parseEnvFile(Buffer.from('HF_TOKEN="hf_abc#def"'))).toEqual({ HF_TOKEN: 'hf_abc#def' });
  });
});

describe('loadEnvFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps variables that are already set, and does nothing without a file', () => {
    writeFileSync(join(folder, '.env'), TEXT);
    expect(loadEnvFile(join(folder, '.env'), { PORT: '1' })).toEqual({ ...SETTINGS, PORT: '1' });
    expect(loadEnvFile(join(folder, 'none'), { PORT: '1' })).toEqual({ PORT: '1' });
  });

  it('stops the start when .env is a folder', () => {
    mkdirSync(join(folder, 'folder'));
    expect(() => loadEnvFile(join(folder, 'folder'), {})).toThrow(/it is a folder/);
  });
});
