import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CorrelatingEchoGuard } from './correlating-echo-guard.js';

const RATE = 16_000;
const FRAME = 512;
const FRAME_MS = (FRAME / RATE) * 1_000;
const SAMPLE = path.resolve(import.meta.dirname, '../../test/fixtures/speech-sample.wav');
const WAV_HEADER = 44;

function readSpeech(): Float32Array {
  const bytes = readFileSync(SAMPLE).subarray(WAV_HEADER);
  return Float32Array.from(
    { length: bytes.length >> 1 },
    (_, index) => bytes.readInt16LE(index * 2) / 32_768,
  );
}

const speech = readSpeech();
/** Another voice: the same recording, a third faster and backwards. */
const other = Float32Array.from(
  { length: Math.floor(speech.length * 0.7) },
  (_, index) => speech[speech.length - 1 - Math.floor(index / 0.7)]!,
);

/** `sound` at `gain`, `delayMs` late, with a second reflection 12 ms behind at half the strength. */
function throughRoom(sound: Float32Array, gain: number, delayMs: number): Float32Array {
  const delay = Math.round((delayMs / 1_000) * RATE);
  const reflection = Math.round(0.012 * RATE);
  return Float32Array.from({ length: sound.length + delay }, (_, index) => {
    const direct = sound[index - delay] ?? 0;
    return gain * (direct + 0.5 * (sound[index - delay - reflection] ?? 0));
  });
}

function mixed(one: Float32Array, second: Float32Array): Float32Array {
  return one.map((sample, index) => sample + (second[index] ?? 0));
}

/** The share of loud microphone frames that the guard reports as echo while `played` is played from time 0 on. */
function echoShare(microphone: Float32Array, played: Float32Array): number {
  const guard = new CorrelatingEchoGuard();
  for (let start = 0; start < played.length; start += 2_400)
    guard.spoken(played.subarray(start, start + 2_400), (start / RATE) * 1_000);
  let loud = 0;
  let echo = 0;
  // The first window is still filling.
  for (let start = 0; start + FRAME <= microphone.length; start += FRAME) {
    const frame = microphone.subarray(start, start + FRAME);
    const isEcho = guard.isEcho(frame, (start / FRAME) * FRAME_MS);
    const power = frame.reduce((sum, sample) => sum + sample * sample, 0) / FRAME;
    if (power < 1e-6 || start < 10 * FRAME) continue;
    loud += 1;
    if (isEcho) echo += 1;
  }
  return echo / loud;
}

describe('the echo guard', () => {
  it.each([50, 130, 222, 301, 400])(
    "recognises the service's own voice, 20 dB weaker and %i ms late",
    (delayMs) => {
      expect(echoShare(throughRoom(speech, 0.1, delayMs), speech)).toBeGreaterThan(0.95);
    },
  );

  it('does not report another voice as echo', () => {
    expect(echoShare(other, speech)).toBeLessThan(0.05);
  });

  it('does not report a person who speaks over the echo', () => {
    expect(echoShare(mixed(other, throughRoom(speech, 0.1, 200)), speech)).toBeLessThan(0.1);
  });

  it('finds no echo when nothing was played', () => {
    expect(new CorrelatingEchoGuard().isEcho(speech.subarray(0, FRAME), 0)).toBe(false);
  });

  it('forgets speech that will not be played after an interruption', () => {
    const guard = new CorrelatingEchoGuard();
    guard.spoken(speech, 0);
    guard.silenced(0);
    const echo = throughRoom(speech, 0.1, 100);
    let echoes = 0;
    for (let start = 0; start + FRAME <= echo.length; start += FRAME)
      if (guard.isEcho(echo.subarray(start, start + FRAME), (start / RATE) * 1_000)) echoes += 1;
    expect(echoes).toBe(0);
  });
});
