/** What a page sets of a session. */
export interface SessionPatch {
  type: 'realtime' | 'transcription';
  instructions?: string;
  include?: string[];
  audio?: {
    input?: {
      transcription?: { language?: string };
      turn_detection?: { type: 'server_vad'; silence_duration_ms: number };
    };
    output?: { voice?: string; speed?: number };
  };
}

export interface MessageItem {
  type: 'message';
  role: 'user' | 'assistant';
  content: { type: 'input_text' | 'output_text'; text: string }[];
}

/** The client events of the protocol that the page sends. */
export type ClientEvent =
  | { type: 'session.update'; session: SessionPatch }
  | { type: 'input_audio_buffer.append'; audio: string }
  | { type: 'input_audio_buffer.commit' }
  | { type: 'conversation.item.create'; item: MessageItem }
  | { type: 'conversation.item.truncate'; item_id: string; content_index: 0; audio_end_ms: number }
  | { type: 'response.cancel' };
