import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/fake-recordings.js';
import { quiet, tone } from '../../test/realtime/live-client.js';
import { startTestApp, type TestAppOptions, type TestService } from '../../test/support/test-app.js';

const MAIN = path.join(import.meta.dirname, 'main.ts');
const DEADLINE_MS = 25_000;

let folder: string;
let service: TestService | null = null;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'kallemni-talk-'))));
afterEach(async () => {
  await service?.stop();
  service = null;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: TestAppOptions = {}): Promise<string> {
  service = await startTestApp({ speaks: { sampleRate: 24_000 }, ...options });
  return service.url;
}

/** A recording at 24 kHz. */
function recording(...parts: Float32Array[]): string {
  const file = path.join(folder, 'question.wav');
  const samples = Float32Array.from(parts.flatMap((part) => [...part]));
  writeFileSync(file, encodeWav(samples, 24_000));
  return file;
}

async function talk(...options: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { output, errors, code };
}

describe('npm run talk', () => {
  it('sends a recording, shows both texts and writes the reply', async () => {
    const url = await start({ hears: { text: 'إزيك؟' }, replies: [{ steps: ['أهلا ', 'بيك.'] }] });
    const reply = path.join(folder, 'reply.wav');
    const file = recording(tone(600), quiet(900));
    const { output, errors, code } = await talk(url, '--file', file, '--output', reply, '--json');
    const events = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect([code, errors]).toEqual([0, '']);
    expect(events).toContainEqual({ event: 'transcript', text: 'إزيك؟' });
    expect(events).toContainEqual({ event: 'reply', text: 'أهلا بيك.' });
    expect(events.at(-1)).toEqual({ event: 'response_done', status: 'completed' });
    expect(statSync(reply).size).toBeGreaterThan(44);
  });

  it('ends with 3 and the reason when the service refuses the key', async () => {
    const hash = createHash('sha256').update('the-right-key-0123456789').digest();
    const url = await start({ config: { API_KEYS: [{ name: 'app', hash, weak: false }] } });
    const { errors, code } = await talk(url, '--key', 'wrong', '--file', recording(tone(100)));
    expect(errors).toMatch(/refused the conversation \(401\): .*key/i);
    expect(code).toBe(3);
  });

  it('ends with 3 when nothing listens at the address', async () => {
    const { errors, code } = await talk('http://127.0.0.1:9');
    expect(errors).toContain('http://127.0.0.1:9 cannot be reached');
    expect(code).toBe(3);
  });

  it('ends with 4 when the recording cannot be read', async () => {
    const url = await start();
    const { errors, code } = await talk(url, '--file', path.join(folder, 'absent.wav'));
    expect(errors).toMatch(/The recording ".*absent.wav" failed: .*No such file/);
    expect(code).toBe(4);
  });

  it('ends with 2 for an unknown option, and explains its options', async () => {
    const wrong = await talk('--loud');
    expect([wrong.code, wrong.errors]).toEqual([2, expect.stringContaining('--loud')]);
    const help = await talk('--help');
    expect([help.code, help.output]).toEqual([0, expect.stringContaining('--device NAME')]);
  });
});
