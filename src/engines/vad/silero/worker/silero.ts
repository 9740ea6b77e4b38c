import type { InferenceSession } from 'onnxruntime-node';
import { VAD_FRAME, type VoiceActivityDetector } from '../../voice-activity.js';
import { startState } from '../start-state.js';
import { judgeBatch } from './silero-batch.js';
import { openSilero } from './silero-session.js';

/** Silero's voice detector, version 5, for whole recordings: each call starts with an empty state. */
export class SileroVoiceActivity implements VoiceActivityDetector {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Throws with the file's name when the file is broken or is another model. */
  static async load(path: string): Promise<SileroVoiceActivity> {
    return new SileroVoiceActivity(await openSilero(path));
  }

  async probabilities(audio: Float32Array, signal: AbortSignal): Promise<Float32Array> {
    const frames = new Float32Array(Math.ceil(audio.length / VAD_FRAME) * VAD_FRAME);
    frames.set(audio);
    const [result] = await judgeBatch(this.#session, { streams: [{ state: startState(), frames }] }, signal);
    return result?.probabilities ?? new Float32Array();
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
