import type { EchoGuard } from './echo-guard.js';

const SAMPLE_RATE = 16_000;
/** Correlation runs at 4 kHz: most of the energy of speech lies below 2 kHz, and the cost falls by 16. */
const DECIMATION = 4;
const RATE = SAMPLE_RATE / DECIMATION;
/** Microphone audio that is compared, 256 ms: long enough that two voices do not correlate by chance. */
const WINDOW = Math.round(0.256 * RATE);
/** Echo comes this much later than the client was asked to play: device latency plus the path through the room. */
const LONGEST_DELAY_MS = 500;
/** Clocks and buffers of a phone may also let sound appear a little early. */
const EARLIEST_MS = -60;
/** Correlation coefficient from which a window is echo; 1 is a pure, undistorted echo. */
const THRESHOLD = 0.55;
/** An echo is weaker than what was played: a louder microphone signal is a person. */
const STRONGEST_GAIN = 0.7;
const KEPT_SECONDS = 8;

interface Spoken {
  /** At 4 kHz. */
  samples: Float32Array;
  atMs: number;
}

/**
 * Finds echo by the normalised cross-correlation of the last 256 ms of the microphone with what was played 0 to 500 ms
 * before: r(d) = sum(m[n] p[n - d]) / sqrt(sum(m[n]^2) sum(p[n - d]^2)). A person who speaks over the reply lowers r, since
 * the echo is then only a small part of the microphone signal.
 */
export class CorrelatingEchoGuard implements EchoGuard {
  #spoken: Spoken[] = [];
  readonly #heard = new Float32Array(WINDOW);
  #heardEndMs = -Infinity;

  spoken(samples: Float32Array, atMs: number): void {
    this.#spoken.push({ samples: decimated(samples), atMs });
    this.#forget(atMs + (samples.length / SAMPLE_RATE) * 1_000 - KEPT_SECONDS * 1_000);
  }

  silenced(atMs: number): void {
    this.#spoken = this.#spoken
      .filter((piece) => piece.atMs < atMs)
      .map((piece) => ({ ...piece, samples: piece.samples.subarray(0, toSamples(atMs - piece.atMs)) }));
  }

  isEcho(samples: Float32Array, atMs: number): boolean {
    this.#hear(decimated(samples), atMs, atMs + (samples.length / SAMPLE_RATE) * 1_000);
    this.#forget(atMs - KEPT_SECONDS * 1_000);
    const startMs = this.#heardEndMs - (WINDOW / RATE) * 1_000;
    const played = this.#playedFrom(startMs - LONGEST_DELAY_MS, startMs - EARLIEST_MS);
    return played !== null && explained(this.#heard, played);
  }

  /** Keeps the last `WINDOW` samples of the microphone. A gap between two calls starts a new window. */
  #hear(samples: Float32Array, atMs: number, endMs: number): void {
    if (Math.abs(atMs - this.#heardEndMs) > 100) this.#heard.fill(0);
    const fresh = samples.subarray(Math.max(0, samples.length - WINDOW));
    this.#heard.copyWithin(0, fresh.length);
    this.#heard.set(fresh, WINDOW - fresh.length);
    this.#heardEndMs = endMs;
  }

  /** What was played from `fromMs` until one window after `toMs`; null when it was silence. */
  #playedFrom(fromMs: number, toMs: number): Float32Array | null {
    const played = new Float32Array(toSamples(toMs - fromMs) + WINDOW);
    let any = false;
    for (const { samples, atMs } of this.#spoken) {
      const start = Math.round(((atMs - fromMs) / 1_000) * RATE);
      if (start >= played.length || start + samples.length <= 0) continue;
      any = true;
      const visible = samples.subarray(Math.max(0, -start), played.length - start);
      played.set(visible, Math.max(0, start));
    }
    return any ? played : null;
  }

  #forget(beforeMs: number): void {
    this.#spoken = this.#spoken.filter(
      ({ samples, atMs }) => atMs + (samples.length / RATE) * 1_000 > beforeMs,
    );
  }
}

/** True when the microphone window correlates with the played audio at some delay. */
function explained(heard: Float32Array, played: Float32Array): boolean {
  const heardEnergy = energyOf(heard, 0);
  if (heardEnergy === 0) return false;
  let playedEnergy = energyOf(played, 0);
  for (let delay = 0; delay + WINDOW <= played.length; delay++) {
    if (playedEnergy > heardEnergy / STRONGEST_GAIN ** 2) {
      let product = 0;
      for (let index = 0; index < WINDOW; index++)
        product += (heard[index] as number) * (played[delay + index] as number);
      if (product * product > THRESHOLD ** 2 * heardEnergy * playedEnergy) return true;
    }
    playedEnergy += (played[delay + WINDOW] ?? 0) ** 2 - (played[delay] as number) ** 2;
  }
  return false;
}

function energyOf(samples: Float32Array, start: number): number {
  let energy = 0;
  for (let index = start; index < start + WINDOW; index++) energy += (samples[index] as number) ** 2;
  return energy;
}

/** 16 kHz to 4 kHz by the mean of four samples. */
function decimated(samples: Float32Array): Float32Array {
  const result = new Float32Array(Math.floor(samples.length / DECIMATION));
  for (let index = 0; index < result.length; index++) {
    let sum = 0;
    for (let part = 0; part < DECIMATION; part++) sum += samples[index * DECIMATION + part] as number;
    result[index] = sum / DECIMATION;
  }
  return result;
}

function toSamples(milliseconds: number): number {
  return Math.max(0, Math.round((milliseconds / 1_000) * RATE));
}
