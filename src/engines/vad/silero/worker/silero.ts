import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { openSession } from '../../../../onnx/session.js';
import { VAD_FRAME, VAD_SAMPLE_RATE, type VoiceActivityDetector } from '../../voice-activity.js';

/** Samples of the frame before that the model sees again. */
const CONTEXT = 64;
const STATE_SHAPE = [2, 1, 128];

/** Silero's voice detector, version 5. Each call hears its recording from the start: no state is kept between calls. */
export class SileroVoiceActivity implements VoiceActivityDetector {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Throws with the file's name when the file is broken or is another model. */
  static async load(path: string): Promise<SileroVoiceActivity> {
    const { session } = await openSession(path, { device: 'cpu', threads: 1 });
    const missing = ['input', 'state', 'sr'].filter((name) => !session.inputNames.includes(name));
    if (missing.length > 0) {
      await session.release();
      throw new Error(`The voice detector's model has no input ${missing.join(', ')}`);
    }
    return new SileroVoiceActivity(session);
  }

  async probabilities(audio: Float32Array, signal: AbortSignal): Promise<Float32Array> {
    const frames = Math.ceil(audio.length / VAD_FRAME);
    const probabilities = new Float32Array(frames);
    const rate = new Tensor('int64', BigInt64Array.of(BigInt(VAD_SAMPLE_RATE)), []);
    let state = new Tensor('float32', new Float32Array(256), STATE_SHAPE);
    for (let frame = 0; frame < frames; frame++) {
      signal.throwIfAborted();
      const input = new Tensor('float32', frameWithContext(audio, frame), [1, CONTEXT + VAD_FRAME]);
      const output = await this.#session.run({ input, state, sr: rate });
      probabilities[frame] = (output['output']?.data[0] as number | undefined) ?? 0;
      state = output['stateN'] as typeof state;
    }
    return probabilities;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function frameWithContext(audio: Float32Array, frame: number): Float32Array {
  const samples = new Float32Array(CONTEXT + VAD_FRAME);
  const start = frame * VAD_FRAME - CONTEXT;
  const from = Math.max(0, start);
  samples.set(audio.subarray(from, (frame + 1) * VAD_FRAME), from - start);
  return samples;
}
