import type { Eagerness } from '../../engines/turn/turn-detector.js';
import type { AudioFormat } from './audio-format.js';
import type { FunctionTool, ToolChoice } from './tools.js';
import type { Modality } from './response-view.js';

/** `model`, and the fields that the client sent: some clients fail on fields that they do not know. */
export interface TranscriptionSettings {
  model: string;
  language?: string;
  prompt?: string;
  keywords?: string[];
}

interface TurnActions {
  /** Answer when the turn is over. */
  create_response: boolean;
  /** Speech cancels a running response. */
  interrupt_response: boolean;
}

export type TurnDetection =
  | ({
      type: 'server_vad';
      threshold: number;
      prefix_padding_ms: number;
      silence_duration_ms: number;
      /** Present only where the client set it. */
      idle_timeout_ms?: number;
    } & TurnActions)
  | ({ type: 'semantic_vad'; eagerness: Eagerness } & TurnActions);

export interface InputSettings {
  format: AudioFormat;
  transcription: TranscriptionSettings | null;
  noise_reduction: { type: 'near_field' | 'far_field' } | null;
  turn_detection: TurnDetection | null;
}

export interface ConversationSettings {
  type: 'realtime';
  model: string;
  output_modalities: Modality[];
  instructions: string;
  max_output_tokens: number | 'inf';
  tools: FunctionTool[];
  tool_choice: ToolChoice;
  /** Accepted and echoed, without effect. */
  tracing: unknown;
  truncation: unknown;
  include: string[] | null;
  audio: { input: InputSettings; output: { format: AudioFormat; voice: string; speed: number } };
}

export interface TranscriptionSessionSettings {
  type: 'transcription';
  include: string[] | null;
  audio: { input: InputSettings };
}

/** The complete settings of a session. Clients see them in this form. */
export type SessionSettings = ConversationSettings | TranscriptionSessionSettings;

export type SessionView = SessionSettings & {
  id: string;
  object: 'realtime.session' | 'realtime.transcription_session';
  /** Unix time in seconds at which the session ends. */
  expires_at: number;
};

export function sessionView(settings: SessionSettings, id: string, expiresAt: number): SessionView {
  const object =
    settings.type === 'realtime'
      ? ('realtime.session' as const)
      : ('realtime.transcription_session' as const);
  return { ...settings, id, object, expires_at: expiresAt };
}
