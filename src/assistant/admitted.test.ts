import { describe, expect, it } from 'vitest';
import { splitClauses } from '../egyptian/clauses/clauses.js';
import { FakeChatModel } from '../engines/llm/fake-chat-model.js';
import { FakeSpeechToText } from '../engines/stt/fake-speech-to-text.js';
import { FakeTextToSpeech } from '../engines/tts/fake-text-to-speech.js';
import { Admission } from '../lib/admission.js';
import { FakeClock } from '../lib/fake-clock.js';
import { admitReply, admitSpeak, admitTranscribe } from './admitted.js';
import { createConversationMemory } from './conversation-memory.js';
import { createReply } from './reply.js';
import { createSpeak } from './speak.js';
import { createTranscribe, transcriptOf } from './transcribe.js';
import { readable } from '../../test/support/speaking.js';

function start() {
  const clock = new FakeClock();
  const admission = new Admission({ maxWaiting: 0, clock });
  const speak = createSpeak({ engines: [new FakeTextToSpeech()], splitClauses });
  return { clock, admission, speak: readable(admitSpeak(speak, admission, clock)) };
}

const never = new AbortController().signal;

describe('admitReply', () => {
  it('holds a place while the reply is written, even if its reader leaves early', async () => {
    const clock = new FakeClock();
    const admission = new Admission({ maxWaiting: 0, clock });
    const memory = createConversationMemory({ limit: 2, minutes: 1 });
    const reply = admitReply(createReply({ chat: new FakeChatModel(), memory }), admission, clock);
    const first = reply({ message: 'أهلا' }, never)[Symbol.asyncIterator]();
    await first.next();
    const second = reply({ message: 'أهلا' }, never)[Symbol.asyncIterator]();
    await expect(second.next()).rejects.toMatchObject({ status: 429, code: 'queue_full' });
    await first.return?.();
    expect(admission.load.current).toBe(0);
    for await (const _ of reply({ message: 'أهلا' }, never));
    expect(admission.load.current).toBe(0);
  });
});

describe('admitTranscribe', () => {
  const waiting = { decode: async () => expect.unreachable(), defaults: { language: 'ar', prompt: '' } };
  const samples = new Float32Array(160).fill(0.1);

  it('takes a place only for an interactive request', async () => {
    const admission = new Admission({ maxWaiting: 0 });
    const speechToText = new FakeSpeechToText();
    const transcribe = admitTranscribe(createTranscribe({ ...waiting, speechToText }), admission);
    const first = transcribe({ samples }, never)[Symbol.asyncIterator]();
    await first.next();
    expect(admission.load.current).toBe(1);
    await expect(transcriptOf(transcribe({ samples }, never))).rejects.toMatchObject({ status: 429 });
    for (const priority of ['captions', 'background'] as const)
      await transcriptOf(transcribe({ samples, priority }, never));
    expect(speechToText.calls.map(({ options }) => options.priority)).toEqual(['captions', 'background']);
    await first.return?.();
    expect(admission.load.current).toBe(0);
  });
});

describe('admitSpeak', () => {
  it('holds a place until the audio has been read, and rejects calls meanwhile', async () => {
    const { admission, speak } = start();
    const speech = await speak.speak({ text: 'صباح الخير' }, never);
    await expect(speak.speak({ text: 'مساء الخير' }, never)).rejects.toMatchObject({
      status: 429,
      code: 'queue_full',
    });
    for await (const _ of speech.audio());
    expect(admission.load.current).toBe(0);
    expect(speech.engine).toBe('fake');
    expect(speech.warnings).toEqual([]);
    expect(speech.timings?.speak_ms).toBeGreaterThanOrEqual(0);
  });

  it('frees the place when the caller leaves and when the text cannot be spoken', async () => {
    const { admission, speak } = start();
    const caller = new AbortController();
    await speak.speak({ text: 'صباح الخير' }, caller.signal);
    caller.abort();
    expect(admission.load.current).toBe(0);
    await expect(speak.speak({ text: '' }, never)).rejects.toMatchObject({ status: 400 });
    expect(admission.load.current).toBe(0);
  });

  it('frees the place of a reader that stops reading', async () => {
    const { clock, admission, speak } = start();
    const speech = await speak.speak({ text: 'صباح الخير يا جماعة' }, never);
    await speech.audio().next();
    expect(admission.load.current).toBe(1);
    clock.advance(2_000);
    expect(admission.load.current).toBe(0);
  });
});
