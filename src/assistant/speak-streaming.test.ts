import { describe, expect, it } from 'vitest';
import { Channel } from '../lib/channel.js';
import { invalidRequest } from '../lib/errors.js';
import { FakeClock } from '../lib/fake-clock.js';
import { DEFAULT_SAMPLES, FakeTextToSpeech, Gate } from '../engines/tts/fake-text-to-speech.js';
import type { SpeechEvent } from './speak.js';
import { both, lengths, never, speaking } from '../../test/support/speaking.js';

describe('a caller who leaves', () => {
  it.each(both({ script: { اتنين: [10, new Gate()], تلاتة: [new Gate()] } }))(
    'stops all engine work by aborting',
    async (engine) => {
      const controller = new AbortController();
      const speech = await speaking([engine]).speak({ text: 'واحد، اتنين، تلاتة' }, controller.signal);
      const heard = lengths(speech.audio());
      await engine.until((calls) => calls.length === (engine.stream ? 3 : 2));
      controller.abort(new Error('hung up'));
      await expect(heard).rejects.toThrow('hung up');
      await engine.until((calls) => calls.slice(1).every((call) => call.state === 'aborted'));
      expect(engine.calls[0]?.state).toBe('finished');
    },
  );

  it('receives no more audio, even if it is ready', async () => {
    const engine = new FakeTextToSpeech({ streaming: true, script: { سلام: [1, 2, 3] } });
    const controller = new AbortController();
    const speech = await speaking([engine]).speak({ text: 'سلام' }, controller.signal);
    const audio = speech.audio();
    await audio.next();
    await engine.until((calls) => calls[0]?.state === 'finished');
    controller.abort(new Error('hung up'));
    await expect(audio.next()).rejects.toThrow('hung up');
  });

  it('does not cause a fallback engine to start when leaving before the first audio', async () => {
    const second = new FakeTextToSpeech({ id: 'second' });
    const engine = new FakeTextToSpeech({ script: { سلام: [new Gate()] } });
    const controller = new AbortController();
    const speech = speaking([engine, second]).speak({ text: 'سلام' }, controller.signal);
    await engine.until((calls) => calls.length === 1);
    controller.abort(new Error('hung up'));
    await expect(speech).rejects.toThrow('hung up');
    expect(second.calls).toEqual([]);
  });

  it.each(both({ script: { اتنين: [new Gate()] } }))(
    'stops the clause ahead by leaving the loop',
    async (engine) => {
      const speech = await speaking([engine]).speak({ text: 'واحد، اتنين' }, never);
      for await (const part of speech.audio()) {
        expect(part.samples).toHaveLength(DEFAULT_SAMPLES);
        await engine.until((calls) => calls.length === 2);
        break;
      }
      await engine.until((calls) => calls[1]?.state === 'aborted');
    },
  );
});

describe('clauses that are still being written', () => {
  it('are spoken as they arrive, with their number and text', async () => {
    const silence = invalidRequest('nothing', { code: 'nothing_to_say' });
    const script = { واحد: [10, 11], hello: [silence] };
    const engine = new FakeTextToSpeech({ streaming: true, script });
    const clauses = new Channel<string>(10);
    const parts = speaking([engine]).streamSpeak(clauses, {}, never)[Symbol.asyncIterator]();
    await clauses.push('واحد');
    expect(await parts.next()).toMatchObject({ value: { type: 'start', engine: 'fake' } });
    expect(await parts.next()).toMatchObject({
      value: { index: 0, text: 'واحد', audio: { sampleRate: 16_000 } },
    });
    expect(await parts.next()).toMatchObject({ value: { index: 0, text: 'واحد' } });
    // The end of a clause is reported before the next clause arrives, so that its audio can be sent in full.
    expect(await parts.next()).toEqual({ done: false, value: { type: 'clause-end', index: 0 } });
    await clauses.push('🙂');
    await clauses.push('hello');
    await clauses.push('اتنين');
    const warnings = [expect.stringContaining('1 clause of the text') as unknown];
    expect(await parts.next()).toEqual({ done: false, value: { type: 'warnings', warnings } });
    expect(await parts.next()).toMatchObject({ value: { index: 1, text: 'اتنين' } });
    clauses.end();
    expect(await parts.next()).toMatchObject({ value: { type: 'clause-end', index: 1 } });
    expect(await parts.next()).toMatchObject({ value: { type: 'done', engine: 'fake', warnings } });
    expect(await parts.next()).toMatchObject({ done: true });
  });

  it('may be an empty stream', async () => {
    const engine = new FakeTextToSpeech();
    const clauses = new Channel<string>(1);
    clauses.end();
    const events: SpeechEvent[] = [];
    for await (const event of speaking([engine]).streamSpeak(clauses, {}, never)) events.push(event);
    expect(events).toEqual([{ type: 'done', engine: null, warnings: [], timings: { speak_ms: 0 } }]);
  });

  it('end the speech with their error, after the clauses before it', async () => {
    const clauses = new Channel<string>(2);
    await clauses.push('واحد');
    clauses.fail(new Error('the model is gone'));
    const speech = speaking([new FakeTextToSpeech()]).streamSpeak(clauses, {}, never);
    const parts = speech[Symbol.asyncIterator]();
    expect(await parts.next()).toMatchObject({ value: { type: 'start' } });
    expect(await parts.next()).toMatchObject({ value: { text: 'واحد' } });
    expect(await parts.next()).toMatchObject({ value: { type: 'clause-end' } });
    await expect(parts.next()).rejects.toThrow('the model is gone');
  });

  it('are not awaited after the caller has left', async () => {
    const controller = new AbortController();
    const clauses = new Channel<string>(1);
    const speech = speaking([new FakeTextToSpeech()]).streamSpeak(clauses, {}, controller.signal);
    const heard = lengths(
      (async function* () {
        for await (const event of speech) if (event.type === 'audio') yield event.audio;
      })(),
    );
    controller.abort(new Error('hung up'));
    await expect(heard).rejects.toThrow('hung up');
  });
});

it("measures the time to the first audio and the engine's working time, without waiting for text", async () => {
  const clock = new FakeClock();
  const [first, second] = [new Gate(), new Gate()];
  const engine = new FakeTextToSpeech({ script: { واحد: [first, 10], اتنين: [second, 20] } });
  const clauses = new Channel<string>(2);
  clock.advance(1_000);
  const events = speaking([engine], { clock }).streamSpeak(clauses, {}, never);
  const read = events[Symbol.asyncIterator]();
  const one = read.next();
  clock.advance(500);
  await clauses.push('واحد');
  await engine.until((calls) => calls.length === 1);
  clock.advance(40);
  first.open();
  await one;
  clock.advance(3_000);
  // The first audio, and the end of its clause.
  await read.next();
  await read.next();
  const two = read.next();
  await clauses.push('اتنين');
  await engine.until((calls) => calls.length === 2);
  clock.advance(60);
  second.open();
  await two;
  clauses.end();
  await read.next();
  expect(await read.next()).toMatchObject({
    value: { type: 'done', timings: { first_audio_ms: 40, speak_ms: 100 } },
  });
});
