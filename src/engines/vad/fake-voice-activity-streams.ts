import { VAD_FRAME } from './voice-activity.js';
import type { VoiceActivityListener, VoiceActivityStreams, VoiceVerdict } from './voice-activity-stream.js';

/** Mean square above which a frame is speech: -40 dBFS. */
const LOUD = 1e-4;

/** Reports every loud frame as speech. */
export class FakeVoiceActivityStreams implements VoiceActivityStreams {
  /** Streams that are open now. */
  opened = 0;

  open(listener: VoiceActivityListener): { push: (samples: Float32Array) => void; close: () => void } {
    let rest = new Float32Array(0);
    let index = 0;
    let closed = false;
    this.opened += 1;
    return {
      push: (samples) => {
        const all = new Float32Array(rest.length + samples.length);
        all.set(rest);
        all.set(samples, rest.length);
        const verdicts: VoiceVerdict[] = [];
        let start = 0;
        for (; start + VAD_FRAME <= all.length; start += VAD_FRAME) {
          const frame = all.subarray(start, start + VAD_FRAME);
          const power = frame.reduce((sum, sample) => sum + sample * sample, 0) / VAD_FRAME;
          verdicts.push({ probability: power > LOUD ? 1 : 0, sampleIndex: index });
          index += VAD_FRAME;
        }
        rest = all.slice(start);
        if (verdicts.length > 0) queueMicrotask(() => !closed && listener.verdicts(verdicts));
      },
      close: () => {
        if (!closed) this.opened -= 1;
        closed = true;
      },
    };
  }

  async close(): Promise<void> {}
}
