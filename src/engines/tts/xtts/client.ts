import { randomInt } from 'node:crypto';
import type { InferenceEngine } from '../../../inference/inference-engine.js';
import { AppError, invalidRequest } from '../../../lib/errors.js';
import { nothingToSay } from '../speech-errors.js';
import type { SpeechAudio, TextToSpeech } from '../text-to-speech.js';
import type { LatentsJob, SpeakJob, VoiceLatents, XttsAudio } from './protocol.js';
import { checkedSettings, FASTEST, SLOWEST, type XttsSpeechOptions } from './speech-settings.js';

/** Longest Arabic text that the model reads in one go. */
const MAX_CHARACTERS = 166;
const LICENCE =
  'The voice engine xtts is off: the XTTS v2 weights are under the Coqui Public Model License, for non-commercial use only. ' +
  'Set COQUI_TOS_AGREED=1 to accept it.';

export interface XttsSpeechSettings {
  /** True once whoever runs the service has accepted the licence of the weights (COQUI_TOS_AGREED=1). */
  licenceAgreed: boolean;
  /** The built-in voices of the model folder (`readSpeakers`). */
  speakers: readonly string[];
  /** Other names for built-in voices, `female_1` for instance; those whose target is not there are left out. */
  aliases?: Readonly<Record<string, string>>;
  /** The voice where a request names none: a built-in voice, an alias or a cloned one; the first built-in voice by default. */
  defaultVoice?: string;
  /** A cloned voice by its id; undefined where there is none. */
  findVoice?: (id: string) => Promise<VoiceLatents | undefined>;
  /** Writes numbers, symbols and foreign words as they are read aloud. */
  normalise?: (text: string) => string;
}

export interface XttsSpeechAudio extends SpeechAudio {
  /** What went other than asked, as sentences for the caller. */
  warnings?: readonly string[];
}

/** XTTS v2 in an inference process. Synthesizing takes more settings than other engines do, and says in `warnings` what went wrong. */
export interface XttsSpeech extends TextToSpeech {
  synthesize(text: string, options: XttsSpeechOptions, signal: AbortSignal): Promise<XttsSpeechAudio>;
  stream(text: string, options: XttsSpeechOptions, signal: AbortSignal): AsyncIterable<XttsSpeechAudio>;
  /** What the model has to know of a voice, out of recordings of it. Throws AppError 503 where the engine is off. */
  latentsOf(recordings: LatentsJob['recordings'], signal: AbortSignal): Promise<VoiceLatents>;
}

/** Stands for the voice that speaks where a request names none. */
const DEFAULT = 'default';

export function createXttsSpeech(engine: InferenceEngine, settings: XttsSpeechSettings): XttsSpeech {
  return new XttsClient(engine, settings);
}

class XttsClient implements XttsSpeech {
  readonly id = 'xtts_v2';
  readonly voices: readonly string[];
  readonly capabilities = { speed: { slowest: SLOWEST, fastest: FASTEST }, maxCharacters: MAX_CHARACTERS };
  readonly #engine: InferenceEngine;
  readonly #settings: XttsSpeechSettings;
  /** Every name of a built-in voice to the name in the model folder. */
  readonly #builtIn: ReadonlyMap<string, string>;

  constructor(engine: InferenceEngine, settings: XttsSpeechSettings) {
    this.#engine = engine;
    this.#settings = settings;
    const aliases = Object.entries(settings.aliases ?? {}).filter(([, name]) =>
      settings.speakers.includes(name),
    );
    this.#builtIn = new Map([...aliases, ...settings.speakers.map((name) => [name, name] as const)]);
    this.voices = [DEFAULT, ...this.#builtIn.keys()];
  }

  unavailableReason(): string | null {
    if (!this.#settings.licenceAgreed) return LICENCE;
    return this.#engine.state().status === 'broken'
      ? 'The voice engine xtts has failed repeatedly and is waiting before it starts again.'
      : null;
  }

  async synthesize(text: string, options: XttsSpeechOptions, signal: AbortSignal): Promise<XttsSpeechAudio> {
    const job = await this.#job(text, options, false, signal);
    return speechAudio(await this.#engine.run<SpeakJob, XttsAudio>(job, { signal }));
  }

  async *stream(
    text: string,
    options: XttsSpeechOptions,
    signal: AbortSignal,
  ): AsyncGenerator<XttsSpeechAudio, void, undefined> {
    const job = await this.#job(text, options, true, signal);
    for await (const part of this.#engine.stream<SpeakJob, XttsAudio>(job, { signal }))
      yield speechAudio(part);
  }

  async latentsOf(recordings: LatentsJob['recordings'], signal: AbortSignal): Promise<VoiceLatents> {
    this.#refuseWithoutLicence();
    const seconds = recordings.reduce((sum, { samples, sampleRate }) => sum + samples.length / sampleRate, 0);
    return this.#engine.run<LatentsJob, VoiceLatents>({ type: 'latents', recordings }, { signal, seconds });
  }

  async #job(
    text: string,
    options: XttsSpeechOptions,
    stream: boolean,
    signal: AbortSignal,
  ): Promise<SpeakJob> {
    signal.throwIfAborted();
    this.#refuseWithoutLicence();
    const settings = checkedSettings(options, () => randomInt(2 ** 47));
    const voice = await this.#voice(options.voice);
    const spoken = this.#settings.normalise?.(text) ?? text;
    if (!/[\p{L}\p{N}]/u.test(spoken)) throw nothingToSay();
    return { type: 'speak', text: spoken, voice, ...settings, stream };
  }

  async #voice(asked: string | undefined): Promise<SpeakJob['voice']> {
    const wanted =
      asked === undefined || asked === DEFAULT
        ? (this.#settings.defaultVoice ?? this.#settings.speakers[0])
        : asked;
    const speaker = this.#builtIn.get(wanted ?? '');
    if (speaker !== undefined) return { speaker };
    const cloned = wanted === undefined ? undefined : await this.#settings.findVoice?.(wanted);
    if (cloned) return cloned;
    throw this.#voiceNotFound(wanted);
  }

  #voiceNotFound(wanted: string | undefined): AppError {
    const named = wanted === undefined ? 'has no voice of its own' : `has no voice '${wanted.slice(0, 40)}'`;
    return invalidRequest(
      `The voice engine xtts ${named}. Known voices: ${this.voices.join(', ')}, and cloned ones.`,
      {
        status: 404,
        code: 'voice_not_found',
        param: 'voice',
      },
    );
  }

  #refuseWithoutLicence(): void {
    if (this.#settings.licenceAgreed) return;
    throw new AppError(LICENCE, { status: 503, type: 'server_error', code: 'licence_not_accepted' });
  }
}

function speechAudio({ samples, sampleRate, unspoken, warnings }: XttsAudio): XttsSpeechAudio {
  return {
    samples,
    sampleRate,
    ...(unspoken.length > 0 && { unspoken }),
    ...(warnings.length > 0 && { warnings }),
  };
}
