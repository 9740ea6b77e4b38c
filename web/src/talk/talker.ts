import type { Conversation } from './conversation.js';

/** What the button of the page says and does. */
export type TalkState =
  'idle' | 'connecting' | 'reconnecting' | 'listening' | 'hearing' | 'thinking' | 'speaking' | 'recording';

export interface TalkEvents {
  /** Something of the conversation or the state has changed. */
  onChange: () => void;
  /** Sound of the microphone, for a meter. */
  onMicrophone: (samples: Float32Array) => void;
  /** A sentence is final: for screen readers. */
  onSentence: (text: string) => void;
  /** Something failed; the talk has ended where `ended` is true. */
  onProblem: (error: unknown, ended: boolean) => void;
  /** No WebSocket reaches the service. */
  onBlocked: () => void;
}

/** A way to talk: live over a WebSocket, or by holding a button. */
export interface Talker {
  readonly state: TalkState;
  readonly conversation: Conversation;
  /** The main button was pressed. */
  press(): void;
  /** The newest sound of the service, for a meter. Null while there is none. */
  output(): Float32Array | null;
  /** The reply whose sound is playing; null in silence. */
  readonly audible: string | null;
  /** Milliseconds of the reply's audio that were heard. */
  playedMs(item: string): number;
  close(): void;
}
