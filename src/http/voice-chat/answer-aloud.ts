import { Channel } from '../../lib/channel.js';
import { Deferred } from '../../lib/deferred.js';
import { unavailable } from '../../lib/errors.js';
import type { SpeechAudio } from '../../engines/tts/text-to-speech.js';
import type { Turn, TurnEvent } from './turn.js';
import { sendAudio } from '../response/send-audio.js';
import { roundTimings } from '../response/timings.js';
import { lateWarnings, readsTrailers, type LateWarnings } from '../response/late-warnings.js';
import { encodedText } from '../response/warnings.js';

/** More parts than the longest reply has: the reply's end is never held up by audio that waits for it. */
const MAX_PARTS = 65_536;

/**
 * The answer as one audio stream. X-Transcript and X-Reply stand in the head, so it leaves when the reply is written in
 * full; its first clauses have been spoken by then. A caller who reads trailers (`TE: trailers`) gets the audio as soon
 * as there is any, and X-Reply behind it.
 */
export async function answerAloud(turn: Turn): Promise<void> {
  const { request, response, encoder, format, signal } = turn;
  const answer = new AloudAnswer(turn, readsTrailers(request));
  const reading = answer.read();
  reading.catch(() => undefined);
  await sendAudio(response, encoder.encode(answer.audio, { format, signal }), format, signal, () =>
    answer.head(),
  );
  await reading;
  answer.warnBehind();
  response.end();
}

class AloudAnswer {
  readonly audio = new Channel<SpeechAudio>(MAX_PARTS);
  readonly #turn: Turn;
  readonly #trailers: boolean;
  readonly #written = new Deferred();
  /** The latest list of each stage. */
  readonly #warnings = new Map<TurnEvent['type'], readonly string[]>();
  readonly #late: LateWarnings;
  /** Node keeps only what the last call of addTrailers gave it. */
  readonly #behind: Record<string, string> = {};

  constructor(turn: Turn, trailers: boolean) {
    this.#turn = turn;
    this.#trailers = trailers;
    this.#late = lateWarnings(turn.response, turn.logger);
  }

  /** Reads the turn to its end; what goes wrong in it is thrown here and where the audio is read. */
  async read(): Promise<void> {
    try {
      await this.#readEvents();
      this.audio.end();
    } catch (error) {
      this.#written.reject(error);
      this.audio.fail(error);
      throw error;
    }
  }

  /** Called when the first bytes are there: completes the head. */
  async head(): Promise<void> {
    const { response } = this.#turn;
    if (this.#trailers) response.set('Trailer', 'X-Reply, X-Conversation, X-Timings, X-Warning, X-Truncated');
    else await this.#written.promise;
    this.#late.head(this.#known());
  }

  /** Called when all of the body is sent. */
  warnBehind(): void {
    const behind = this.#late.behind(this.#known());
    if (this.#trailers) this.#add(behind);
  }

  async #readEvents(): Promise<void> {
    let spoken = false;
    for await (const event of this.#turn.events) {
      if (event.type === 'transcript')
        this.#turn.response.set('X-Transcript', encodedText(event.transcript.text));
      this.#note(event);
      if (event.type === 'reply')
        this.#add({ 'X-Reply': encodedText(event.reply), 'X-Conversation': event.conversation });
      if (event.type === 'reply') this.#written.resolve();
      if (event.type === 'done' && this.#trailers)
        this.#add({ 'X-Timings': JSON.stringify(roundTimings({ ...event.timings })) });
      if (event.type !== 'audio') continue;
      spoken = true;
      await this.audio.push(event.audio);
    }
    if (!spoken)
      throw unavailable('The reply holds nothing that can be spoken. Please ask again.', 1_000, {
        code: 'nothing_to_say',
      });
  }

  #note(event: TurnEvent): void {
    // The last event repeats the warnings of all stages.
    if (event.type === 'done') this.#warnings.clear();
    if (event.type === 'transcript') this.#warnings.set(event.type, event.transcript.warnings);
    if ('warnings' in event) this.#warnings.set(event.type, event.warnings);
  }

  #known(): string[] {
    return [...new Set([...this.#warnings.values()].flat())];
  }

  #add(headers: Record<string, string>): void {
    const { response } = this.#turn;
    if (this.#trailers) response.addTrailers(Object.assign(this.#behind, headers));
    else response.set(headers);
  }
}
