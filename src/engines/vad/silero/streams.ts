import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InferenceEngine } from '../../../inference/inference-engine.js';
import { VAD_FRAME, VAD_SAMPLE_RATE } from '../voice-activity.js';
import type {
  VoiceActivityListener,
  VoiceActivityStream,
  VoiceActivityStreams,
} from '../voice-activity-stream.js';
import type { SileroBatchJob, SileroBatchResult } from './protocol.js';
import { startState } from './start-state.js';

/** Streams judged in one job. More share the next job. */
const MAX_STREAMS = 32;
/** Frames of one stream in one job, about 0.5 s: a stream with a backlog must not delay the others. */
const MAX_FRAMES = 16;
/** A job whose process died is sent once more. */
const ATTEMPTS = 2;

/**
 * Silero for live sessions. One job runs at a time and takes the waiting frames of every stream; while it runs, new
 * frames collect for the next. The streams' states are kept here, so a killed process loses no state.
 */
export class SileroStreams implements VoiceActivityStreams {
  readonly #engine: InferenceEngine;
  readonly #closing = new AbortController();
  readonly #streams = new Set<SileroStream>();
  #pumping: Promise<void> | undefined;

  /** The owner of `engine` stops it. */
  constructor(engine: InferenceEngine) {
    this.#engine = engine;
  }

  open(listener: VoiceActivityListener): VoiceActivityStream {
    const stream = new SileroStream(listener);
    this.#streams.add(stream);
    // The model is loaded while the first audio arrives. A failure shows again with the first frame.
    this.#engine.load().catch(() => undefined);
    return {
      push: (samples) => {
        if (!this.#streams.has(stream)) return;
        stream.add(samples);
        if (stream.waiting > 0) this.#pumping ??= this.#pump();
      },
      close: () => {
        this.#streams.delete(stream);
      },
    };
  }

  async close(): Promise<void> {
    this.#closing.abort(new DOMException('The service is stopping.', 'AbortError'));
    this.#streams.clear();
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    // Audio of other sessions that arrives in the same turn of the event loop joins the first job.
    await nextTurn();
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      try {
        this.#deliver(batch, await this.#judge(batch));
      } catch (error) {
        this.#fail(batch, error);
      }
    }
    this.#pumping = undefined;
  }

  /** Streams that waited longest come first, since each served stream moves to the end. */
  #nextBatch(): SileroStream[] {
    const batch = [...this.#streams].filter(({ waiting }) => waiting > 0).slice(0, MAX_STREAMS);
    for (const stream of batch) {
      this.#streams.delete(stream);
      this.#streams.add(stream);
    }
    return batch;
  }

  async #judge(batch: readonly SileroStream[]): Promise<SileroBatchResult> {
    const streams = batch.map((stream) => ({ state: stream.state, frames: stream.next(MAX_FRAMES) }));
    const longest = Math.max(...streams.map(({ frames }) => frames.length));
    const options = { signal: this.#closing.signal, seconds: longest / VAD_SAMPLE_RATE };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#engine.run<SileroBatchJob, SileroBatchResult>({ streams }, options);
      } catch (error) {
        if (attempt === ATTEMPTS || this.#closing.signal.aborted) throw error;
      }
    }
  }

  #deliver(batch: readonly SileroStream[], results: SileroBatchResult): void {
    batch.forEach((stream, index) => {
      const result = results[index];
      if (result && this.#streams.has(stream)) stream.judged(result);
    });
  }

  /** The listeners decide about their sessions. These streams get no further verdicts. */
  #fail(batch: readonly SileroStream[], error: unknown): void {
    for (const stream of batch) {
      if (!this.#streams.delete(stream)) continue;
      stream.listener.failed(error);
    }
  }
}

/** One session's audio between its arrival and its verdicts. */
class SileroStream {
  readonly listener: VoiceActivityListener;
  state = startState();
  /** Samples without a verdict, in the order of their arrival. */
  #samples = new Float32Array(VAD_FRAME * MAX_FRAMES);
  #length = 0;
  /** Samples with a verdict. */
  #judged = 0;

  constructor(listener: VoiceActivityListener) {
    this.listener = listener;
  }

  /** Whole frames without a verdict. */
  get waiting(): number {
    return Math.floor(this.#length / VAD_FRAME);
  }

  add(samples: Float32Array): void {
    const length = this.#length + samples.length;
    if (length > this.#samples.length) {
      const larger = new Float32Array(Math.max(length, this.#samples.length * 2));
      larger.set(this.#samples.subarray(0, this.#length));
      this.#samples = larger;
    }
    this.#samples.set(samples, this.#length);
    this.#length = length;
  }

  /** A copy of the next frames, as many as there are up to `most`. They stay here until `judged`. */
  next(most: number): Float32Array {
    return this.#samples.slice(0, Math.min(this.waiting, most) * VAD_FRAME);
  }

  judged({ probabilities, state }: SileroBatchResult[number]): void {
    const verdicts = [...probabilities].map((probability, frame) => ({
      probability,
      sampleIndex: this.#judged + frame * VAD_FRAME,
    }));
    const count = probabilities.length * VAD_FRAME;
    this.state = state;
    this.#samples.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#judged += count;
    this.listener.verdicts(verdicts);
  }
}
