import type { ChatCompletionBody, JsonObject } from '../chat-gateway.js';
import { contentText, isObject, type Chunk, type ChunkChoice } from './chunk-dialects.js';
import { filterReply, ReplyFilter, type ReplyFilterOptions } from './reply-filter.js';

/** Options for filtering the replies to this request. `opensInThought`: see `ReplyFilterOptions`. */
export function filterOptions(body: ChatCompletionBody, opensInThought: boolean): ReplyFilterOptions {
  const { messages, tools, functions } = body;
  const asked = messages.findLast(({ role }) => role === 'user');
  return {
    arabic: /\p{Script=Arabic}/u.test(contentText(asked?.['content'])),
    keepToolCalls: [tools, functions].some((list) => Array.isArray(list) && list.length > 0),
    opensInThought,
  };
}

/**
 * A whole answer without thoughts and control tokens in its content. Separate fields for thoughts stay. The result also
 * tells whether the model opens thoughts in the prompt.
 */
export function filterCompletion(
  completion: JsonObject,
  options: ReplyFilterOptions,
): { completion: JsonObject; opensInThought: boolean } {
  const { choices } = completion;
  if (!Array.isArray(choices)) return { completion, opensInThought: false };
  let opensInThought = false;
  const filtered = choices.filter(isObject).map((choice) => {
    const { message, finish_reason } = choice;
    if (!isObject(message) || typeof message['content'] !== 'string') return choice;
    const reply = filterReply(message['content'], options, finish_reason === 'length');
    opensInThought ||= reply.opensInThought;
    return { ...choice, message: { ...message, content: reply.text } };
  });
  return { completion: { ...completion, choices: filtered }, opensInThought };
}

/** Filters the chunks of a stream. Each chunk keeps its position and has the text that can be shown at that point. */
export class ChunkFilter {
  readonly #options: ReplyFilterOptions;
  /** Keyed by the index of the choice. */
  readonly #filters = new Map<number, ReplyFilter>();
  readonly #finished = new Set<number>();
  #last: Chunk | null = null;

  constructor(options: ReplyFilterOptions) {
    this.#options = options;
  }

  /** True when a thought ended without a start in the text. */
  get endedUnseenThought(): boolean {
    return [...this.#filters.values()].some((filter) => filter.endedUnseenThought);
  }

  /** True when something was left out as a thought. */
  get sawThought(): boolean {
    return [...this.#filters.values()].some((filter) => filter.sawThought);
  }

  push(chunk: Chunk): Chunk {
    this.#last = chunk;
    return { ...chunk, choices: chunk.choices.map((choice, place) => this.#choice(choice, place)) };
  }

  /**
   * The remaining text at the end of the stream. A reply without a finish reason gets one, because strict clients
   * require it. Null when nothing remains.
   */
  end(): Chunk | null {
    const open = [...this.#filters].filter(([index]) => !this.#finished.has(index));
    if (this.#last === null || open.length === 0) return null;
    const choices = open.map(([index, filter]) => ({
      index,
      delta: { content: filter.end() },
      finish_reason: 'stop',
    }));
    const { usage: _, ...envelope } = this.#last;
    return { ...envelope, choices };
  }

  #choice(choice: ChunkChoice, place: number): ChunkChoice {
    const { index = place, delta, finish_reason } = choice;
    const filter = this.#filters.get(index) ?? new ReplyFilter(this.#options);
    this.#filters.set(index, filter);
    const { content } = delta;
    const written = typeof content === 'string' ? filter.push(content) : '';
    if (finish_reason === null) return typeof content === 'string' ? withContent(choice, written) : choice;
    this.#finished.add(index);
    const text = written + filter.end(finish_reason === 'length');
    return text !== '' || typeof content === 'string' ? withContent(choice, text) : choice;
  }
}

function withContent(choice: ChunkChoice, content: string): ChunkChoice {
  return { ...choice, delta: { ...choice.delta, content } };
}
