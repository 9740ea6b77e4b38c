import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.js';
import { collectSpeech, describeTextToSpeech } from '../contract.js';
import { EspeakSpeech } from './espeak.js';
import { until } from '../../../../test/support/until.js';

const never = new AbortController().signal;
const installed = spawnSync('espeak-ng', ['--version']).status === 0;
if (!installed) {
  // eslint-disable-next-line no-console -- a skipped test says so
  console.warn('SKIPPED: the tests of the real espeak-ng, which is not installed.');
}

describe.skipIf(!installed)('with the real program', () => {
  const espeak = new EspeakSpeech({ path: 'espeak-ng', environment, language: 'ar' });
  const seconds = async (text: string, options = {}): Promise<number> => {
    const { samples, sampleRate } = await espeak.synthesize(text, options, never);
    return samples.length / sampleRate;
  };

  describeTextToSpeech('espeak', () => espeak);

  it('finds itself', async () => {
    expect(await espeak.check()).toBeNull();
    expect(espeak.unavailable()).toBeNull();
  });

  it('produces audible speech, and different audio for another voice', async () => {
    const woman = await espeak.synthesize('سلام عليكم', { voice: 'female_1' }, never);
    const man = await espeak.synthesize('سلام عليكم', { voice: 'male_1' }, never);
    expect(Math.max(...woman.samples)).toBeGreaterThan(0.1);
    expect([...woman.samples]).not.toEqual([...man.samples]);
  });

  it('follows speed', async () => {
    const text = 'النهارده الجو جميل في القاهرة والشمس طالعة';
    const [slow, natural, fast] = [
      await seconds(text, { speed: 0.5 }),
      await seconds(text),
      await seconds(text, { speed: 2 }),
    ];
    expect(slow / natural).toBeGreaterThan(1.6);
    expect(fast / natural).toBeLessThan(0.62);
  });

  it('reads digits, does not speak its arguments and does not stop at a NUL', async () => {
    expect(await seconds('12500')).toBeGreaterThan(1);
    expect(await seconds('سلام\u0000 عليكم')).toBeGreaterThan((await seconds('سلام')) * 1.3);
  });

  it('yields the first parts before the whole audio is ready', async () => {
    const parts = await collectSpeech(espeak, 'أهلا وسهلا بيك في القاهرة', {}, never);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts[0]?.samples.length).toBeLessThan(22_050);
  });

  it('frees its slot when a caller leaves without reading the rest', async () => {
    const one = new EspeakSpeech({ path: 'espeak-ng', environment, language: 'ar', maxConcurrent: 1 });
    const caller = new AbortController();
    const text = 'كلمة '.repeat(90);
    const unread = one.stream(text, { speed: 0.5 }, caller.signal)[Symbol.asyncIterator]();
    await unread.next();
    caller.abort(new Error('gone'));
    expect((await one.synthesize('سلام', {}, never)).samples.length).toBeGreaterThan(0);
  }, 10_000);

  it('reports a language that it does not know', async () => {
    const martian = new EspeakSpeech({ path: 'espeak-ng', environment, language: 'qqq' });
    expect(await martian.check()).toContain("no voice for the language 'qqq'");
    await expect(martian.synthesize('سلام', {}, never)).rejects.toMatchObject({
      status: 503,
      cause: { message: expect.stringContaining('does not exist') },
    });
  });
});

const environment = { PATH: process.env['PATH'] ?? '' };

describe('with a program that misbehaves', () => {
  let directory: string;
  const program = async (name: string, script: string): Promise<string> => {
    const file = path.join(directory, name);
    await writeFile(file, `#!${process.execPath}\n${script}`);
    await chmod(file, 0o755);
    return file;
  };
  const HEADER = `const header = Buffer.alloc(44); header.write('RIFF', 0); header.write('WAVEfmt ', 8);
    header.writeUInt32LE(16, 16); header.writeUInt16LE(1, 20); header.writeUInt16LE(1, 22);
    header.writeUInt32LE(22050, 24); header.writeUInt16LE(2, 32); header.writeUInt16LE(16, 34); header.write('data', 36);
    process.stdout.write(Buffer.concat([header, Buffer.alloc(22050)]));`;
  const HANG = 'setInterval(() => {}, 1000);';
  const pidFile = (): string => path.join(directory, 'pid');
  const WRITE_PID = `require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid));`;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'kallemni-espeak-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('explains how to install a missing program, and checks again later', async () => {
    const clock = new FakeClock();
    const file = path.join(directory, 'installed-later');
    const espeak = new EspeakSpeech({ path: file, environment, language: 'ar', clock });
    await expect(espeak.synthesize('سلام', {}, never)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('apt-get install espeak-ng'),
    });
    expect(espeak.unavailable()?.message).toContain('apt-get install espeak-ng');
    expect(espeak.unavailable()?.message).not.toContain(directory);

    await program('installed-later', `console.log('Pty Language\\n 5 ar');`);
    expect(espeak.unavailable()?.message).toContain('apt-get install');
    clock.advance(30_000);
    expect(espeak.unavailable()?.message).toContain('apt-get install');
    await expect.poll(() => espeak.unavailable()).toBeNull();
    expect(espeak.unavailable()).toBeNull();
  });

  it('logs the error output of the program but does not send it to the caller', async () => {
    const file = await program('broken', `console.error('out of ideas'); process.exit(3);`);
    const espeak = new EspeakSpeech({ path: file, environment, language: 'ar' });
    const failure = { status: 503, message: 'The voice engine espeak failed.' };
    await expect(espeak.synthesize('سلام', {}, never)).rejects.toMatchObject({
      ...failure,
      cause: { message: 'espeak-ng ended with 3: out of ideas' },
    });
  });

  it('is killed at once when the caller aborts, even when nobody reads its output', async () => {
    const file = await program('hanging', `${WRITE_PID} ${HEADER} ${HANG}`);
    const espeak = new EspeakSpeech({ path: file, environment, language: 'ar', maxConcurrent: 1 });
    const controller = new AbortController();
    const parts = espeak.stream('سلام', {}, controller.signal);
    expect((await parts.next()).done).toBe(false);
    const next = espeak.stream('سلام', {}, never);
    const waiting = next.next();
    controller.abort(new Error('hung up'));
    // The one slot is free again only when the process is gone.
    expect((await waiting).done).toBe(false);
    await expect(parts.next()).rejects.toThrow('hung up');
    await next.return();
  });

  it('is killed when the reader leaves the loop', async () => {
    const file = await program('left', `${WRITE_PID} ${HEADER} ${HANG}`);
    const espeak = new EspeakSpeech({ path: file, environment, language: 'ar', maxConcurrent: 1 });
    for await (const part of espeak.stream('سلام', {}, never)) {
      expect(part.samples.length).toBeGreaterThan(0);
      break;
    }
    const other = espeak.stream('سلام', {}, never);
    const first = Number(await readFile(pidFile(), 'utf8'));
    await other.next();
    expect(() => process.kill(first, 0)).toThrow('ESRCH');
    await other.return();
  });

  it('is killed when it stops writing', async () => {
    const clock = new FakeClock();
    const file = await program(
      'silent',
      `${WRITE_PID} process.stdin.on('end', () => process.stderr.write('x')).resume(); ${HANG}`,
    );
    const espeak = new EspeakSpeech({
      path: file,
      environment,
      language: 'ar',
      timeoutMs: 5_000,
      maxConcurrent: 1,
      clock,
    });
    const speaking = espeak.synthesize('سلام', {}, never);
    const outcome = expect(speaking).rejects.toMatchObject({
      status: 503,
      message: 'The voice engine espeak took too long and was stopped.',
    });
    await until(() => clock.pending > 0, 'the timer');
    clock.advance(5_000);
    await outcome;
  });

  it('receives the text on standard input, never as an argument', async () => {
    const script = `process.stdin.setEncoding('utf8').on('data', (text) => { require('node:fs')
      .writeFileSync(__dirname + '/seen', JSON.stringify({ text, args: process.argv.slice(2) })); ${HEADER} });`;
    const espeak = new EspeakSpeech({ path: await program('spying', script), environment, language: 'ar' });
    await espeak.synthesize('--version سلام', { voice: 'female_1', speed: 2 }, never);
    expect(JSON.parse(await readFile(path.join(directory, 'seen'), 'utf8'))).toEqual({
      text: '--version سلام',
      args: ['-b', '1', '-v', 'ar+f2', '-s', '350', '--stdin', '--stdout'],
    });
  });
});
