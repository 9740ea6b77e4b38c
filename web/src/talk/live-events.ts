import type { ServerEvent } from '../../../src/realtime/protocol/server-events.js';
import type { ResponseView } from '../../../src/realtime/protocol/response-view.js';
import type { Conversation, Reply } from './conversation.js';

/** Milliseconds of `performance.now()` at which this position of the sent audio was recorded. */
export type AudioClock = (audioMs: number) => number;

const BYTES_PER_MS = 48;
/** Silence that the service leaves at the end of a turn; less where a shorter silence ends it. */
const TAIL_MS = 300;

/** Applies the events of /v1/realtime to a conversation. */
export class LiveEvents {
  readonly #conversation: Conversation;
  readonly #replies = new Map<string, Reply>();
  /** Milliseconds of silence in the audio of a turn, after its last word. */
  #tailMs = TAIL_MS;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  apply(event: ServerEvent, now: number, recordedAt: AudioClock): void {
    const conversation = this.#conversation;
    if (event.type === 'session.created' || event.type === 'session.updated') {
      const detection = event.session.audio.input.turn_detection;
      const silenceMs = detection?.type === 'server_vad' ? detection.silence_duration_ms : TAIL_MS;
      this.#tailMs = Math.min(TAIL_MS, silenceMs);
    } else if (event.type === 'input_audio_buffer.speech_started') conversation.turn(event.item_id);
    else if (event.type === 'input_audio_buffer.speech_stopped') {
      const { marks } = conversation.turn(event.item_id);
      marks.turnEnd = now;
      marks.voiceEnd = Math.min(now, recordedAt(event.audio_end_ms - this.#tailMs));
    } else if (event.type === 'conversation.item.input_audio_transcription.delta')
      conversation.turn(event.item_id).heard += event.delta;
    else if (event.type === 'conversation.item.input_audio_transcription.completed')
      this.#heard(event.item_id, event.transcript, now);
    else if (event.type === 'conversation.item.input_audio_transcription.failed')
      conversation.turn(event.item_id).problem = event.error.message;
    else if (event.type === 'kallemni.warnings') this.#warned(event);
    else this.#applyToReply(event, now);
  }

  #warned(event: Extract<ServerEvent, { type: 'kallemni.warnings' }>): void {
    const reply = 'response_id' in event ? this.#replies.get(event.response_id) : undefined;
    const turn =
      'item_id' in event ? this.#conversation.turn(event.item_id) : reply && this.#conversation.turnOf(reply);
    if (turn) turn.warnings = [...new Set([...turn.warnings, ...event.warnings])];
  }

  /** The connection is lost: the replies that ran end here. */
  lost(): void {
    for (const reply of this.#replies.values()) reply.state = 'interrupted';
    this.#replies.clear();
  }

  #heard(id: string, transcript: string, now: number): void {
    const turn = this.#conversation.turn(id);
    turn.heard = transcript;
    turn.final = true;
    this.#conversation.mark(turn, 'transcript', now);
    if (transcript === '') this.#conversation.drop(id);
  }

  #applyToReply(event: ServerEvent, now: number): void {
    if (event.type === 'response.created') {
      this.#replies.set(event.response.id, this.#conversation.reply(event.response.id));
      return;
    }
    if (event.type === 'response.done') return this.#ended(event.response, now);
    const reply = 'response_id' in event ? this.#replies.get(event.response_id) : undefined;
    if (!reply) return;
    const turn = this.#conversation.turnOf(reply);
    if (event.type === 'response.output_item.added') reply.item = event.item.id;
    if (event.type === 'response.output_audio_transcript.delta') {
      reply.clauses.push({ text: event.delta, startMs: reply.audioMs });
      this.#conversation.mark(turn, 'firstText', now);
    }
    if (event.type === 'response.output_audio.delta') {
      reply.audioMs += base64Bytes(event.delta) / BYTES_PER_MS;
      this.#conversation.mark(turn, 'firstAudio', now);
    }
  }

  #ended({ id, status, status_details: details }: ResponseView, now: number): void {
    const reply = this.#replies.get(id);
    this.#replies.delete(id);
    if (!reply) return;
    reply.state = status === 'cancelled' ? 'interrupted' : status === 'failed' ? 'failed' : 'done';
    if (details?.type === 'failed') reply.error = details.error.message;
    this.#conversation.mark(this.#conversation.turnOf(reply), 'done', now);
  }
}

function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length * 3) / 4 - padding;
}
