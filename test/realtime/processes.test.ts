import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gate } from '../../src/engines/tts/fake-text-to-speech.js';
import { FakeChatServer } from '../support/fake-chat-server.js';
import { ServiceProcess, WITH_BUILT_IN_MODEL } from '../support/service-process.js';
import { SPEECH_SAMPLE } from '../support/test-app.js';
import { LiveClient } from './live-client.js';

/** 16-bit audio at 24 kHz. */
const BYTES_PER_SECOND = 48_000;
const FRAME_BYTES = 4_800;
/** What the sample says, as far as whisper-base hears it. */
const HEARD = /سياسي/;
const TIMEOUT = 120_000;
const TRANSCRIPTION = 'conversation.item.input_audio_transcription';

const decode = ['-v', 'error', '-i', SPEECH_SAMPLE, '-ar', '24000', '-ac', '1', '-f', 's16le', '-'];
const speech = execFileSync('ffmpeg', decode, { maxBuffer: 2 ** 26 });
const silence = (seconds: number): Buffer => Buffer.alloc(seconds * BYTES_PER_SECOND);

let chat: FakeChatServer;
let service: ServiceProcess;
let client: LiveClient;

function say(...parts: readonly Buffer[]): void {
  const audio = Buffer.concat(parts);
  for (let at = 0; at < audio.length; at += FRAME_BYTES) {
    const frame = audio.subarray(at, at + FRAME_BYTES).toString('base64');
    client.send({ type: 'input_audio_buffer.append', audio: frame });
  }
}

async function kill(name: string): Promise<void> {
  const ready = (await (await fetch(`${service.url}/ready`)).json()) as {
    processes: { name: string; pid: number | null }[];
  };
  process.kill(ready.processes.find((found) => found.name === name)?.pid ?? NaN, 'SIGKILL');
}

function detectTurns(turn_detection: object | null): void {
  client.send({
    type: 'session.update',
    session: { type: 'realtime', audio: { input: { turn_detection } } },
  });
}

/** One service, one session and real model processes for all tests: each leaves the session usable for the next. */
describe('A live session over real model processes', { timeout: TIMEOUT }, () => {
  beforeAll(async () => {
    chat = await FakeChatServer.start();
    service = new ServiceProcess({
      ...WITH_BUILT_IN_MODEL,
      PROFILE: 'full',
      TTS_MODEL: 'espeak',
      THREADS: '1',
      OPENAI_BASE_URL: chat.baseUrl,
      SHUTDOWN_GRACE_SECONDS: '60',
      // The speaker pauses for more than 700 ms after the first words.
      POST_SPEECH_SILENCE_DURATION: '2',
      ENABLE_REALTIME_TRANSCRIPTION: 'false',
    });
    await service.ready();
    client = await LiveClient.connect(service.url);
    client.send({
      type: 'session.update',
      session: { type: 'realtime', audio: { input: { transcription: {}, turn_detection: null } } },
    });
    await client.event('session.updated');
  }, TIMEOUT);

  afterAll(async () => {
    client.close();
    await service.end();
    await chat.close();
  });

  it('answers pings while a transcription runs (complaint 16)', async () => {
    say(speech, speech, speech);
    client.send({ type: 'input_audio_buffer.commit' });
    await client.event('input_audio_buffer.committed');
    for (let ping = 0; ping < 3; ping += 1) {
      const answered = once(client.socket, 'pong');
      client.socket.ping();
      await answered;
    }
    expect(client.all(`${TRANSCRIPTION}.completed`)).toEqual([]);
    await client.event(`${TRANSCRIPTION}.completed`);
  });

  it('loses one turn, not the session, when the process that hears is killed', async () => {
    say(speech, speech, speech);
    client.send({ type: 'input_audio_buffer.commit' });
    await client.event('input_audio_buffer.committed', 2);
    await kill('hearing');
    const { error } = await client.event(`${TRANSCRIPTION}.failed`);
    expect(error).toMatchObject({ type: 'server_error', message: expect.any(String) as string });
    say(speech);
    client.send({ type: 'input_audio_buffer.commit' });
    expect((await client.event(`${TRANSCRIPTION}.completed`, 2))['transcript']).toMatch(HEARD);
    expect(client.closed).toBeNull();
  });

  it('loses nothing when the process that detects voices is killed while somebody speaks', async () => {
    chat.answer({ parts: ['أهلا بيك.'] });
    detectTurns({ type: 'server_vad' });
    const half = (speech.length >> 2) << 1;
    say(silence(1), speech.subarray(0, half));
    await client.event('input_audio_buffer.speech_started');
    await kill('listening');
    say(speech.subarray(half), silence(3));
    expect((await client.event(`${TRANSCRIPTION}.completed`, 3))['transcript']).toMatch(HEARD);
    expect(client.all('input_audio_buffer.speech_started')).toHaveLength(1);
    expect((await client.event('response.done'))['response'].status).toBe('completed');
  });

  it('ends with 1001 after the response that runs when the service gets SIGTERM', async () => {
    const gate = new Gate();
    chat.answer({ parts: ['أهلا بيك. ', gate.opened, 'تحت أمرك.'] });
    client.send({ type: 'response.create' });
    await client.event('response.created', 2);
    service.signal('SIGTERM');
    await service.logged('stopping: running calls may finish');
    gate.open();
    expect((await client.end()).code).toBe(1001);
    expect(client.all('response.done').at(-1)?.['response'].status).toBe('completed');
    expect(await service.exited).toBe(0);
  });
});
