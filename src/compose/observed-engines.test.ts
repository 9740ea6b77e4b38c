import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpeak } from '../assistant/speak.js';
import { splitClauses } from '../egyptian/clauses.js';
import { FakeChatModel } from '../engines/llm/fake-chat-model.js';
import { FakeSpeechToText } from '../engines/stt/fake-speech-to-text.js';
import { FakeTextToSpeech } from '../engines/tts/fake-text-to-speech.js';
import { overloaded } from '../lib/errors.js';
import { createMetrics, type Metrics } from '../observability/metrics.js';
import { withinRequest } from '../observability/request-context.js';
import type { Attributes, Span } from '../observability/tracing.js';
import { observeChat, observeSpeak, observeSpeechToText } from './observed-engines.js';

let metrics: Metrics;
let ended: string[];
const signal = new AbortController().signal;

function span(path: string): Span {
  return {
    traceparent: null,
    traceId: null,
    child: (name: string, _attributes?: Attributes) => span(`${path}/${name}`),
    set: () => undefined,
    rename: () => undefined,
    end: (error) => void ended.push(error === undefined ? path : `${path} failed`),
  };
}

const inRequest = <T>(work: () => Promise<T>): Promise<T> =>
  withinRequest({ requestId: 'req_1', span: span('request') }, work);

beforeEach(() => {
  metrics = createMetrics();
  ended = [];
});

afterEach(() => {
  metrics.close();
});

describe('observed engines', () => {
  it('are the engines they stand for', () => {
    const voice = new FakeSpeechToText();
    const observed = observeSpeechToText(voice, { metrics });
    expect(observed.id).toBe(voice.id);
    expect(observed.capabilities).toBe(voice.capabilities);
  });

  it('count what was heard and say it only where content is logged', async () => {
    const said: unknown[] = [];
    const content = { info: (fields: unknown) => void said.push(fields) };
    const options = { language: 'ar', timestamps: 'none' } as const;
    const audio = new Float32Array(32_000);
    const quiet = observeSpeechToText(new FakeSpeechToText(), { metrics });
    await inRequest(() => quiet.transcribe(audio, options, signal));
    expect(said).toEqual([]);
    const loud = observeSpeechToText(new FakeSpeechToText(), { metrics, content });
    const { text } = await inRequest(() => loud.transcribe(audio, options, signal));
    expect(said).toEqual([{ content: true, transcript: text }]);
    const { body } = await metrics.render();
    expect(body).toContain('kallemni_audio_seconds_total{direction="input"} 4');
    expect(body).toContain('kallemni_stage_duration_seconds_count{stage="transcribe"} 2');
    expect(ended).toContain('request/transcribe');
  });

  it('time replies from the first token on, and end the span of one that is left', async () => {
    const chat = observeChat(new FakeChatModel(), { metrics });
    await inRequest(async () => {
      for await (const event of chat.reply([{ role: 'user', content: 'أهلا' }], signal)) if (event) break;
    });
    const { body } = await metrics.render();
    expect(body).toContain('kallemni_stage_duration_seconds_count{stage="first_token"} 1');
    expect(body).not.toContain('kallemni_stage_duration_seconds_count{stage="reply"}');
    expect(ended.filter((path) => path === 'request/chat')).not.toEqual([]);
  });

  it('count seconds of speech, and keep what a speech says about itself', async () => {
    const engines = [new FakeTextToSpeech()];
    const speak = observeSpeak(createSpeak({ engines, splitClauses }), { metrics });
    let seconds = 0;
    await inRequest(async () => {
      const speech = await speak.speak({ text: 'صباح الخير يا فندم.' }, signal);
      for await (const { samples, sampleRate } of speech.audio) seconds += samples.length / sampleRate;
      expect(speech.engine).toBe(engines[0]?.id);
      expect(speech.warnings).toEqual([]);
      expect(speech.timings.speak_ms).toBeGreaterThanOrEqual(0);
    });
    const { body } = await metrics.render();
    expect(Number(/audio_seconds_total\{direction="output"\} (\S+)/.exec(body)?.[1])).toBeCloseTo(seconds);
    expect(body).toContain('kallemni_stage_duration_seconds_count{stage="speak"} 1');
    expect(ended).toContain('request/speak');
  });

  it('count refusals and pass them on', async () => {
    const refusal = overloaded('full', 100);
    const full = { ...observable(), transcribe: () => Promise.reject(refusal) };
    const options = { language: 'ar', timestamps: 'none' } as const;
    const heard = inRequest(() =>
      observeSpeechToText(full, { metrics }).transcribe(new Float32Array(1), options, signal),
    );
    await expect(heard).rejects.toBe(refusal);
    expect((await metrics.render()).body).toContain('kallemni_refusals_total{part="transcribe"} 1');
    expect(ended).toEqual(['request/transcribe failed']);
  });
});

function observable() {
  const fake = new FakeSpeechToText();
  return { id: fake.id, capabilities: fake.capabilities, stream: fake.stream.bind(fake) };
}
