import type { Config } from '../config/load-config.js';
import { WhisperSpeechToText } from '../engines/stt/whisper/client.js';
import type { WhisperOptions } from '../engines/stt/whisper/protocol.js';
import type { SpeechToText } from '../engines/stt/speech-to-text.js';
import type { InferenceProcess } from '../inference/inference-process.js';
import type { SupervisedEngine } from '../inference/supervised-engine.js';
import type { ModelProvision } from '../models/provision.js';

export interface Hearing {
  speechToText: SpeechToText;
  engine: SupervisedEngine;
}

/** Whisper and its voice detector in one process. */
export function composeHearing(
  config: Config,
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
        device: config.DEVICE,
        threads: config.THREADS,
        vadModel,
      };
    },
  });
  return { speechToText: new WhisperSpeechToText(whisper.id, engine), engine };
}
