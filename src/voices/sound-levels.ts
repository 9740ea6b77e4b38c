import { setImmediate as nextTurn } from 'node:timers/promises';

/** Levels of a recording that do not depend on where the speech is. */
export interface SoundLevels {
  /** Mean power of each frame, 1 for full scale. */
  power: Float64Array;
  /** The largest magnitude. */
  peak: number;
  /** Number of samples at full scale. */
  clipped: number;
}

/** Also the level at which codecs that overshoot are clipped. */
const FULL_SCALE = 0.985;
/** Frames between two turns of the event loop: about a millisecond of work. */
const SLICE_FRAMES = 256;

/** Measures a recording frame by frame; the last one may be shorter. Aborting rejects with the signal's reason. */
export async function soundLevels(
  samples: Float32Array,
  frameLength: number,
  signal: AbortSignal,
): Promise<SoundLevels> {
  const levels = { power: new Float64Array(Math.ceil(samples.length / frameLength)), peak: 0, clipped: 0 };
  for (let frame = 0; frame < levels.power.length; frame++) {
    measure(samples.subarray(frame * frameLength, (frame + 1) * frameLength), frame, levels);
    if (frame % SLICE_FRAMES !== SLICE_FRAMES - 1) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
  return levels;
}

function measure(samples: Float32Array, frame: number, levels: SoundLevels): void {
  let sum = 0;
  for (const sample of samples) {
    const magnitude = Math.abs(sample);
    sum += magnitude * magnitude;
    if (magnitude > levels.peak) levels.peak = magnitude;
    if (magnitude >= FULL_SCALE) levels.clipped += 1;
  }
  levels.power[frame] = sum / samples.length;
}
