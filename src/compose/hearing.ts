import { WhisperSpeechToText } from '../engines/stt/whisper/client.js';
import type { WhisperOptions } from '../engines/stt/whisper/protocol.js';
import { createSileroDetector } from '../engines/vad/silero/client.js';
import type { SileroOptions } from '../engines/vad/silero/protocol.js';
import type { VoiceActivityDetector } from '../engines/vad/voice-activity.js';
import type { SpeechToText } from '../engines/stt/speech-to-text.js';
import type { InferenceProcess } from '../inference/inference-process.js';
import type { SupervisedEngine } from '../inference/supervised-engine.js';
import type { ModelProvision } from '../models/provision.js';
import type { EngineConfig } from '../device/device-choice.js';

export interface Hearing {
  speechToText: SpeechToText;
  engine: SupervisedEngine;
  /** For whole recordings; loaded with the first one. */
  detector: Pick<VoiceActivityDetector, 'probabilities'>;
}

/** Whisper with its voice detector, and one for those who only want to know where somebody speaks, in one process. */
export function composeHearing(
  config: EngineConfig,
  process: InferenceProcess,
  whisper: ModelProvision,
  vad: ModelProvision,
): Hearing {
  const engine = process.engine('stt', {
    kind: 'whisper',
    unavailable: () => whisper.unavailable() ?? vad.unavailable(),
    prepare: async (): Promise<WhisperOptions> => {
      const [model, vadModel] = await Promise.all([whisper.local(), vad.onlyFile()]);
      return {
        directory: model.directory,
        derivedDirectory: model.derivedDirectory,
        precision: config.WHISPER_PRECISION,
        device: await config.decideDevice(),
        threads: config.THREADS,
        vadModel,
      };
    },
  });
  const listening = process.engine('vad', {
    kind: 'silero',
    unavailable: () => vad.unavailable(),
    prepare: async (): Promise<SileroOptions> => ({ model: await vad.onlyFile() }),
  });
  return {
    speechToText: new WhisperSpeechToText(whisper.id, engine),
    engine,
    detector: createSileroDetector(listening),
  };
}
