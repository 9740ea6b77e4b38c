import { deflateSync } from 'node:zlib';
import { withoutRepetition, repeatedPattern } from './repetition.js';
import {
  applyRules,
  drawn,
  mostProbable,
  probabilityOf,
  type RuleSettings,
  type RuleTokens,
} from './token-rules.js';
import type { DecoderState, HeardWindow } from './whisper-model.js';

export interface DecodingTask {
  /** Everything before the text: an optional style prompt, then start, language, task and timestamp mode. */
  prompt: number[];
  /** Index of the start token in `prompt`; its logits give the no-speech probability. */
  startIndex: number;
  timestamps: boolean;
  /** The text is cut off after this many tokens. */
  tokenLimit: number;
  tokens: RuleTokens & { noSpeech: number };
  settings: RuleSettings;
}

export interface DecodedText {
  /** Without the end token. */
  tokens: number[];
  /** Natural-log probability of each of them. */
  logprobs: number[];
  temperature: number;
  /** `end`: by itself; `limit`: cut off; `loop`: it repeated itself. */
  finish: 'end' | 'limit' | 'loop';
  /** Mean over the tokens and the end token. */
  avgLogprob: number;
  noSpeechProb: number;
}

/** A window whose prompt has been read; the start of one attempt per temperature. */
export interface TextStart {
  heard: HeardWindow;
  state: DecoderState;
  noSpeechProb: number;
}

/** Reads the prompt. All attempts at this window start from the result. */
export async function beginText(heard: HeardWindow, task: DecodingTask): Promise<TextStart> {
  const state = await heard.begin(task.prompt, [task.startIndex, task.prompt.length - 1]);
  const [atStart] = state.logits;
  return { heard, state, noSpeechProb: atStart ? probabilityOf(atStart, task.tokens.noSpeech) : 0 };
}

/** Decodes one text, greedily at temperature 0. Throws the signal's reason between two tokens. */
export async function decodeText(
  start: TextStart,
  task: DecodingTask,
  temperature: number,
  random: () => number,
  signal: AbortSignal,
): Promise<DecodedText> {
  const written: number[] = [];
  const logprobs: number[] = [];
  let state = start.state;
  let sum = 0;
  let finish: DecodedText['finish'] = 'limit';
  while (written.length < task.tokenLimit) {
    signal.throwIfAborted();
    const logits = (state.logits.at(-1) ?? new Float32Array(0)).slice();
    applyRules(logits, written, task.tokens, task.settings, task.timestamps);
    const choice = temperature === 0 ? mostProbable(logits) : drawn(logits, temperature, random);
    sum += choice.logProbability;
    if (choice.token === task.tokens.endOfText) {
      finish = 'end';
      break;
    }
    written.push(choice.token);
    logprobs.push(choice.logProbability);
    if (repeatedPattern(written) > 0) {
      finish = 'loop';
      break;
    }
    if (written.length < task.tokenLimit) state = await state.next(choice.token);
  }
  const tokens = finish === 'loop' ? withoutRepetition(written) : written;
  return {
    tokens,
    logprobs: logprobs.slice(0, tokens.length),
    temperature,
    finish,
    avgLogprob: sum / Math.max(1, written.length + (finish === 'end' ? 1 : 0)),
    noSpeechProb: start.noSpeechProb,
  };
}

/** UTF-8 bytes divided by their zlib size: text that repeats itself compresses well. */
export function compressionRatioOf(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}
