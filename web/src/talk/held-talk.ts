import { startRecording, type Recording } from '../audio/recording.js';
import { SpeechPlayer } from '../audio/speech-player.js';
import { fromBase64 } from '../lib/base64.js';
import type { ApiClient } from '../service/api-client.js';
import { readEventStream } from '../service/event-stream.js';
import { Conversation, type Turn } from './conversation.js';
import type { TalkSettings } from './talk-settings.js';
import type { TalkEvents, Talker, TalkState } from './talker.js';

/** Seconds; the service refuses longer recordings by default. */
const LONGEST_SECONDS = 120;

interface VoiceChatEvents {
  'transcript.done': { text: string };
  'audio.delta': { index: number; text: string; audio: string };
  'reply.done': { reply: string; conversation: string };
  done: { warnings: string[] };
  error: { error: { message: string } };
}

/** Talks over POST /v1/voice-chat: one press begins a recording, the next one sends it. Needs no WebSocket. */
export class HeldTalk implements Talker {
  readonly conversation = new Conversation();
  readonly #api: ApiClient;
  readonly #settings: () => TalkSettings;
  readonly #events: TalkEvents;
  #state: TalkState = 'idle';
  #recording: Recording | null = null;
  #player: SpeechPlayer | null = null;
  #call: AbortController | null = null;
  #remembered: string | null = null;
  #count = 0;

  constructor(api: ApiClient, settings: () => TalkSettings, events: TalkEvents) {
    this.#api = api;
    this.#settings = settings;
    this.#events = events;
  }

  get state(): TalkState {
    return this.#state;
  }

  press(): void {
    if (this.#state === 'recording') void this.#send();
    else void this.#record();
  }

  get audible(): string | null {
    return this.#player?.audible ?? null;
  }

  output(): Float32Array | null {
    return this.#player?.playing ? this.#player.samples() : null;
  }

  playedMs(item: string): number {
    return this.#player?.playedMs(item) ?? 0;
  }

  close(): void {
    this.#call?.abort();
    this.#recording?.cancel();
    this.#player?.close();
    this.#recording = this.#player = this.#call = null;
    this.#set('idle');
  }

  async #record(): Promise<void> {
    // A press while the reply is spoken interrupts it.
    this.#call?.abort();
    this.#player ??= new SpeechPlayer(() => this.#silent());
    this.#player.stop();
    this.#set('connecting');
    try {
      this.#recording = await startRecording({
        longestSeconds: LONGEST_SECONDS,
        onAudio: (samples) => this.#events.onMicrophone(samples),
        onEnd: () => void this.#send(),
      });
      this.#set('recording');
    } catch (error) {
      this.#set('idle');
      this.#events.onProblem(error, true);
    }
  }

  async #send(): Promise<void> {
    const file = this.#recording?.finish();
    this.#recording = null;
    if (!file) return;
    const turn = this.conversation.turn(`recording-${++this.#count}`);
    const call = new AbortController();
    this.#call = call;
    turn.marks.voiceEnd = turn.marks.turnEnd = performance.now();
    this.#set('thinking');
    try {
      const body = this.#form(file);
      const headers = { Accept: 'text/event-stream' };
      const request = { method: 'POST', body, headers, signal: call.signal };
      const response = await this.#api.request('v1/voice-chat', request);
      if (response.body) await this.#answer(turn, response.body);
    } catch (error) {
      this.#failed(turn, error, call.signal.aborted);
    }
    if (!this.#player?.playing && this.#call === call) this.#silent();
  }

  #form(file: Blob): FormData {
    const { voice, speed } = this.#settings();
    const form = new FormData();
    form.set('format', 'wav');
    if (voice !== '') form.set('voice', voice);
    if (speed !== 1) form.set('speed', String(speed));
    if (this.#remembered !== null) form.set('conversation', this.#remembered);
    form.set('file', file, 'recording.wav');
    return form;
  }

  async #answer(turn: Turn, body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const { event, data } of readEventStream(body)) {
      await this.#apply(turn, event ?? '', data);
      this.#events.onChange();
    }
  }

  async #apply(turn: Turn, name: string, data: string): Promise<void> {
    const now = performance.now();
    const read = <Name extends keyof VoiceChatEvents>(_name: Name) =>
      JSON.parse(data) as VoiceChatEvents[Name];
    if (name === 'transcript.done') {
      turn.heard = read(name).text;
      turn.final = true;
      this.conversation.mark(turn, 'transcript', now);
      this.#events.onSentence(turn.heard);
    }
    if (name === 'reply.delta') this.conversation.mark(turn, 'firstText', now);
    if (name === 'audio.delta') await this.#spoken(turn, read(name), now);
    if (name === 'reply.done') this.#remembered = read(name).conversation;
    if (name === 'error') throw new Error(read(name).error.message);
    if (name === 'done') {
      turn.warnings = read(name).warnings;
      if (turn.reply) turn.reply.state = 'done';
      this.conversation.mark(turn, 'done', now);
    }
  }

  async #spoken(turn: Turn, part: VoiceChatEvents['audio.delta'], now: number): Promise<void> {
    const item = turn.id;
    const reply = turn.reply ?? Object.assign(this.conversation.reply(item), { item });
    const seconds = await this.#player?.playFile(item, fromBase64(part.audio).buffer);
    if (reply.clauses.length <= part.index) reply.clauses.push({ text: part.text, startMs: reply.audioMs });
    reply.audioMs += (seconds ?? 0) * 1_000;
    this.conversation.mark(turn, 'firstAudio', now);
    this.#set('speaking');
  }

  #failed(turn: Turn, error: unknown, interrupted: boolean): void {
    if (turn.reply) turn.reply.state = interrupted ? 'interrupted' : 'failed';
    if (interrupted) return;
    turn.problem = error instanceof Error ? error.message : String(error);
    this.#events.onProblem(error, false);
  }

  #silent(): void {
    if (this.#state === 'speaking' || this.#state === 'thinking') this.#set('idle');
  }

  #set(state: TalkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.onChange();
  }
}
