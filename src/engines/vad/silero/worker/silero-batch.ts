import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { VAD_FRAME, VAD_SAMPLE_RATE } from '../../voice-activity.js';
import {
  CONTEXT_SAMPLES,
  STATE_VALUES,
  type SileroBatchJob,
  type SileroBatchResult,
  type SileroState,
} from '../protocol.js';

const LAYERS = 2;
const WIDTH = STATE_VALUES / LAYERS;
const INPUT_SAMPLES = CONTEXT_SAMPLES + VAD_FRAME;

interface Row {
  frames: Float32Array;
  state: SileroState;
  probabilities: Float32Array;
}

/**
 * Judges the next frames of several streams, one frame of every stream per model run. Aborting stops between two runs and
 * rejects with the signal's reason.
 */
export async function judgeBatch(
  session: InferenceSession,
  { streams }: SileroBatchJob,
  signal: AbortSignal,
): Promise<SileroBatchResult> {
  const rows = streams.map(({ frames, state }): Row => {
    const count = Math.floor(frames.length / VAD_FRAME);
    return { frames, state, probabilities: new Float32Array(count) };
  });
  const longest = Math.max(0, ...rows.map(({ probabilities }) => probabilities.length));
  for (let frame = 0; frame < longest; frame++) {
    signal.throwIfAborted();
    await judgeFrame(
      session,
      rows.filter(({ probabilities }) => frame < probabilities.length),
      frame,
    );
  }
  return rows.map(({ probabilities, state }) => ({ probabilities, state }));
}

/** Runs the model once over frame `frame` of each row and stores probabilities and states in the rows. */
async function judgeFrame(session: InferenceSession, rows: Row[], frame: number): Promise<void> {
  const input = new Float32Array(rows.length * INPUT_SAMPLES);
  const recurrent = new Float32Array(rows.length * STATE_VALUES);
  rows.forEach(({ frames, state }, row) => {
    const samples = frames.subarray(frame * VAD_FRAME, (frame + 1) * VAD_FRAME);
    input.set(state.context, row * INPUT_SAMPLES);
    input.set(samples, row * INPUT_SAMPLES + CONTEXT_SAMPLES);
    for (let layer = 0; layer < LAYERS; layer++)
      recurrent.set(
        state.recurrent.subarray(layer * WIDTH, (layer + 1) * WIDTH),
        (layer * rows.length + row) * WIDTH,
      );
  });
  const { output, stateN } = await session.run({
    input: new Tensor('float32', input, [rows.length, INPUT_SAMPLES]),
    state: new Tensor('float32', recurrent, [LAYERS, rows.length, WIDTH]),
    sr: new Tensor('int64', BigInt64Array.of(BigInt(VAD_SAMPLE_RATE)), []),
  });
  const next = stateN!.data as Float32Array;
  rows.forEach((row, index) => {
    row.probabilities[frame] = output!.data[index] as number;
    row.state = {
      recurrent: stateOf(next, index, rows.length),
      context: row.frames.slice((frame + 1) * VAD_FRAME - CONTEXT_SAMPLES, (frame + 1) * VAD_FRAME),
    };
  });
}

/** The state of one stream out of the batch's state, whose layers come first. */
function stateOf(batch: Float32Array, row: number, rows: number): Float32Array {
  const state = new Float32Array(STATE_VALUES);
  for (let layer = 0; layer < LAYERS; layer++) {
    const start = (layer * rows + row) * WIDTH;
    state.set(batch.subarray(start, start + WIDTH), layer * WIDTH);
  }
  return state;
}
