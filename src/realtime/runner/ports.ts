import type { OpenCaptions } from '../../assistant/captions.js';
import type { EchoGuard } from '../../audio/echo-guard.js';
import type { TurnModel, TurnRules } from '../../engines/turn/turn-detector.js';
import type { VoiceActivityStreams } from '../../engines/vad/voice-activity-stream.js';

/** What a live session hears with, beside the transcription of whole turns. */
export interface ListeningPorts {
  voiceActivity: VoiceActivityStreams;
  turnRules: TurnRules;
  /** Null unless the settings choose it. */
  turnModel: TurnModel | null;
  captions: OpenCaptions;
  createEchoGuard: () => EchoGuard;
}
