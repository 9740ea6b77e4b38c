import { WhisperSpeechToText } from '../engines/stt/whisper/client.js';
import type { WhisperOptions } from '../engines/stt/whisper/protocol.js';
import { createSileroDetector } from '../engines/vad/silero/client.js';
import { SileroStreams } from '../engines/vad/silero/streams.js';
import type { SileroOptions } from '../engines/vad/silero/protocol.js';
import type { VoiceActivityDetector } from '../engines/vad/voice-activity.js';
import type { VoiceActivityStreams } from '../engines/vad/voice-activity-stream.js';
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
  /** For live sessions. */
  voiceActivity: VoiceActivityStreams;
}

export interface HearingProcesses {
  hearing: InferenceProcess;
  listening: InferenceProcess;
}

/** Whisper with its voice detector and a detector for whole recordings in one process; the detector of live sessions in another. */
export function composeHearing(
  config: EngineConfig,
  { hearing, listening }: HearingProcesses,
  whisper: ModelProvision,
  vad: ModelProvision,
): Hearing {
  const engine = hearing.engine('stt', {
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
  const silero = {
    unavailable: () => vad.unavailable(),
    prepare: async (): Promise<SileroOptions> => ({ model: await vad.onlyFile() }),
  };
  const wholeRecordings = hearing.engine('vad', { kind: 'silero', ...silero });
  const liveStreams = listening.engine('live-vad', { kind: 'silero-streams', ...silero });
  return {
    speechToText: new WhisperSpeechToText(whisper.id, engine),
    engine,
    detector: createSileroDetector(wholeRecordings),
    voiceActivity: new SileroStreams(liveStreams),
  };
}
