import { VAD_FRAME, VAD_SAMPLE_RATE } from '../../engines/vad/voice-activity.js';
import type { VoiceVerdict } from '../../engines/vad/voice-activity-stream.js';

/** Samples of 16 kHz per millisecond. */
const PER_MS = VAD_SAMPLE_RATE / 1_000;
const samples = (milliseconds: number): number => milliseconds * PER_MS;

/** Speech ends below this distance from the threshold at which it starts (Silero's own rule). */
const HYSTERESIS = 0.15;
/** A soft onset begins at most this long before the first loud frame. */
const SOFT_ONSET = samples(1_000);
/** A sound that is followed by so much silence before it was long enough was no speech. */
const BLIP_SILENCE = samples(200);
/** Silence after which the turn may be over: work on the answer begins. */
export const PAUSE_MS = 300;
/** Speech over a reply is judged by its words after this much voice, and again after each further step. */
const CANDIDATE_VOICE = samples(250);
const CANDIDATE_STEP = samples(300);
/** Speech over a reply that lasts this long interrupts it whatever its words are. */
const CANDIDATE_LIMIT = samples(1_000);

export interface TurnTakerOptions {
  /** Voice that makes an utterance where no reply plays, in milliseconds. */
  onsetMs: number;
  /** An utterance ends here at the latest, in milliseconds. */
  longestMs: number;
}

/** What the next frame is judged by. */
export interface TurnContext {
  /** Probability from which a frame is speech. */
  threshold: number;
  /** A reply plays, and speech may interrupt it: short sounds and nods must not. */
  guarded: boolean;
  /** Milliseconds of silence that end a turn, asked for in silence. */
  neededSilenceMs: () => number;
}

/** All positions are samples of the session. */
export type TurnSignal =
  /** An utterance has begun; its first sound is at `from`. */
  | { type: 'started'; from: number }
  /** Speech over a reply: the words from `from` to `to` decide. `over`: it has ended already. */
  | { type: 'candidate'; from: number; to: number; over: boolean }
  /** The candidate was no speech. */
  | { type: 'dropped' }
  /** Silence since `PAUSE_MS`; the utterance ends at `to` if it stays so. */
  | { type: 'paused'; to: number }
  /** The speaker goes on. */
  | { type: 'resumed' }
  | { type: 'ended'; to: number };

/**
 * Finds utterances in the verdicts of the voice detector: when somebody begins, pauses, goes on and has finished. It
 * knows no clock but the audio's own.
 */
export class TurnTaker {
  readonly #options: TurnTakerOptions;
  #phase: 'quiet' | 'rising' | 'candidate' | 'judged' | 'speaking' = 'quiet';
  /** First sample of the last silent frame: a soft onset may begin inside it. */
  #softStart = 0;
  #start = 0;
  #end = 0;
  #voiced = 0;
  #askedAt = 0;
  #silentSince: number | null = null;
  #paused = false;

  constructor(options: TurnTakerOptions) {
    this.#options = options;
  }

  /** Nobody speaks. */
  get quiet(): boolean {
    return this.#phase === 'quiet';
  }

  /** The audio before this sample belongs to no utterance that has begun or may begin now. */
  get neededFrom(): number {
    return this.quiet ? Math.max(this.#softStart, this.#end - SOFT_ONSET) : this.#start;
  }

  frame(
    { probability, sampleIndex, echo }: VoiceVerdict & { echo?: boolean },
    context: TurnContext,
  ): TurnSignal[] {
    this.#end = sampleIndex + VAD_FRAME;
    if (probability >= context.threshold && !echo) return this.#voice(context);
    if (probability < context.threshold - HYSTERESIS || echo) this.#silence(sampleIndex);
    return this.#afterSilence(context);
  }

  /** The candidate is an interruption: it becomes an utterance. */
  confirm(): TurnSignal[] {
    if (this.#phase !== 'candidate' && this.#phase !== 'judged') return [];
    this.#phase = 'speaking';
    return [{ type: 'started', from: this.#start }];
  }

  /** The candidate that is over was a nod: it is forgotten. */
  dismiss(): void {
    if (this.#phase === 'judged') this.#rest();
  }

  /** No audio came any more: what was begun ends here. */
  stall(): TurnSignal[] {
    const phase = this.#phase;
    this.#rest();
    if (phase === 'speaking') return [{ type: 'ended', to: this.#end }];
    return phase === 'candidate' || phase === 'judged' ? [{ type: 'dropped' }] : [];
  }

  /** Forgets what was begun: the audio was committed or cleared up to `position`. */
  reset(position: number): void {
    this.#rest();
    this.#softStart = Math.max(this.#softStart, position);
  }

  #voice(context: TurnContext): TurnSignal[] {
    const signals: TurnSignal[] = [];
    if (this.quiet) {
      this.#start = this.neededFrom;
      this.#phase = 'rising';
      this.#voiced = 0;
    }
    this.#voiced += VAD_FRAME;
    if (this.#paused) signals.push({ type: 'resumed' });
    if (this.#phase === 'judged') this.#phase = 'candidate';
    this.#paused = false;
    this.#silentSince = null;
    return [...signals, ...this.#grown(context)];
  }

  #grown({ guarded }: TurnContext): TurnSignal[] {
    if (this.#phase === 'rising') {
      if (!guarded && this.#voiced >= samples(this.#options.onsetMs)) return this.#started();
      if (guarded && this.#voiced >= CANDIDATE_VOICE) return this.#ask(false);
    }
    if (this.#phase === 'candidate') {
      if (this.#voiced >= CANDIDATE_LIMIT) return this.#started();
      if (this.#voiced - this.#askedAt >= CANDIDATE_STEP) return this.#ask(false);
    }
    if (this.#phase === 'speaking' && this.#end - this.#start >= samples(this.#options.longestMs)) {
      this.#rest();
      return [{ type: 'ended', to: this.#end }];
    }
    return [];
  }

  #started(): TurnSignal[] {
    this.#phase = 'speaking';
    return [{ type: 'started', from: this.#start }];
  }

  #ask(over: boolean): TurnSignal[] {
    this.#phase = over ? 'judged' : 'candidate';
    this.#askedAt = this.#voiced;
    return [{ type: 'candidate', from: this.#start, to: this.#end, over }];
  }

  #silence(sampleIndex: number): void {
    if (this.quiet) this.#softStart = Math.max(this.#softStart, sampleIndex);
    else this.#silentSince ??= sampleIndex;
  }

  #afterSilence(context: TurnContext): TurnSignal[] {
    if (this.#silentSince === null) return [];
    const silence = this.#end - this.#silentSince;
    if (this.#phase === 'rising' && silence >= BLIP_SILENCE) {
      this.#rest();
      return [];
    }
    if (this.#phase === 'candidate' && silence >= samples(PAUSE_MS)) return this.#ask(true);
    return this.#phase === 'speaking' ? this.#inSilence(silence, this.#silentSince, context) : [];
  }

  #inSilence(silence: number, since: number, { neededSilenceMs }: TurnContext): TurnSignal[] {
    const needed = samples(neededSilenceMs());
    const to = since + Math.min(needed, samples(PAUSE_MS));
    if (silence >= needed) {
      this.#rest();
      return [{ type: 'ended', to: Math.min(to, this.#end) }];
    }
    if (silence < samples(PAUSE_MS) || this.#paused) return [];
    this.#paused = true;
    return [{ type: 'paused', to }];
  }

  #rest(): void {
    this.#phase = 'quiet';
    this.#softStart = this.#end;
    this.#silentSince = null;
    this.#paused = false;
  }
}
