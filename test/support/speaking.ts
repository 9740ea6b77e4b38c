import { FakeTextToSpeech, type FakeSpeechOptions } from '../../src/engines/tts/fake-text-to-speech.js';
import type { SpeechAudio } from '../../src/engines/tts/text-to-speech.js';
import { createSpeak, type Speak, type SpeakParts } from '../../src/assistant/speak.js';

export const never = new AbortController().signal;

/** The use case over fake engines; every Arabic comma ends a clause. */
export function speaking(engines: FakeTextToSpeech[], parts: Partial<SpeakParts> = {}): Speak {
  return createSpeak({ engines, splitClauses: (text) => text.split('،'), ...parts });
}

/** Reads all of it: the number of samples of each part. */
export async function lengths(audio: AsyncIterable<SpeechAudio>): Promise<number[]> {
  const all: number[] = [];
  for await (const { samples } of audio) all.push(samples.length);
  return all;
}

/** An engine that makes all at once and one that streams. */
export function both(options: FakeSpeechOptions = {}): FakeTextToSpeech[] {
  return [new FakeTextToSpeech(options), new FakeTextToSpeech({ ...options, streaming: true })];
}
