import type { ModelSettings } from './model-settings.js';
import type { Vocabulary } from './vocabulary.js';

/** The token numbers of the rules: a part of Vocabulary and ModelSettings, so that tests need neither. */
export type RuleTokens = Pick<Vocabulary, 'endOfText' | 'noTimestamps' | 'firstTimestamp'>;
export type RuleSettings = Pick<ModelSettings, 'suppressed' | 'suppressedFirst' | 'firstTimestampLimit'>;

const NEVER = -Infinity;

/** Forbids tokens before each choice, as openai's reference decoder does. `logits` is changed in place. */
export function applyRules(
  logits: Float32Array,
  written: number[],
  tokens: RuleTokens,
  settings: RuleSettings,
  timestamps: boolean,
): void {
  for (const token of settings.suppressed) logits[token] = NEVER;
  if (written.length === 0) for (const token of settings.suppressedFirst) logits[token] = NEVER;
  logits[tokens.noTimestamps] = NEVER;
  if (timestamps) applyTimestampRules(logits, written, tokens, settings);
  else logits.fill(NEVER, tokens.firstTimestamp);
}

/**
 * Times come in pairs (end of one segment, start of the next), never go back, and start the text; they are taken
 * whenever together they are more probable than any single word.
 */
function applyTimestampRules(
  logits: Float32Array,
  written: number[],
  tokens: RuleTokens,
  settings: RuleSettings,
): void {
  const isTime = (token: number | undefined): boolean =>
    token !== undefined && token >= tokens.firstTimestamp;
  const lastIsTime = isTime(written.at(-1));
  const pairIsOpen = lastIsTime && written.length >= 2 && !isTime(written.at(-2));
  if (lastIsTime && !pairIsOpen) logits.fill(NEVER, tokens.firstTimestamp);
  if (pairIsOpen) logits.fill(NEVER, 0, tokens.endOfText);
  const latest = written.findLast(isTime);
  if (latest !== undefined) logits.fill(NEVER, tokens.firstTimestamp, pairIsOpen ? latest : latest + 1);
  if (written.length === 0) {
    logits.fill(NEVER, 0, tokens.firstTimestamp);
    logits.fill(NEVER, tokens.firstTimestamp + settings.firstTimestampLimit + 1);
  }
  if (timesOutweighWords(logits, tokens.firstTimestamp)) logits.fill(NEVER, 0, tokens.firstTimestamp);
}

function timesOutweighWords(logits: Float32Array, firstTimestamp: number): boolean {
  let bestWord = NEVER;
  for (let token = 0; token < firstTimestamp; token++) bestWord = Math.max(bestWord, logits[token] as number);
  let times = 0;
  for (let token = firstTimestamp; token < logits.length; token++)
    times += Math.exp((logits[token] as number) - bestWord);
  return times > 1;
}

/** Index and log-probability of the most probable token. */
export function mostProbable(logits: Float32Array): { token: number; logProbability: number } {
  let token = 0;
  let best = NEVER;
  for (let index = 0; index < logits.length; index++) {
    const value = logits[index] as number;
    if (value > best) {
      best = value;
      token = index;
    }
  }
  return { token, logProbability: best - logSumExp(logits, best) };
}

/** A token drawn at `temperature`; `random` gives numbers from 0 up to 1. The log-probability is that at temperature 1. */
export function drawn(
  logits: Float32Array,
  temperature: number,
  random: () => number,
): { token: number; logProbability: number } {
  const { token: likeliest, logProbability } = mostProbable(logits);
  const best = logits[likeliest] as number;
  let total = 0;
  for (const value of logits) total += Math.exp((value - best) / temperature);
  let rest = random() * total;
  for (let token = 0; token < logits.length; token++) {
    rest -= Math.exp(((logits[token] as number) - best) / temperature);
    if (rest < 0) return { token, logProbability: logProbability + (logits[token] as number) - best };
  }
  return { token: likeliest, logProbability };
}

export function probabilityOf(logits: Float32Array, token: number): number {
  let best = NEVER;
  for (const value of logits) if (value > best) best = value;
  return Math.exp((logits[token] as number) - logSumExp(logits, best));
}

/** Tokens this far below the best add less than 1e-4 all together; leaving them out saves most of the exponentials. */
const NEGLIGIBLE = 20;

function logSumExp(logits: Float32Array, best: number): number {
  let total = 0;
  const least = best - NEGLIGIBLE;
  for (let index = 0; index < logits.length; index++) {
    const value = logits[index] as number;
    if (value > least) total += Math.exp(value - best);
  }
  return best + Math.log(total);
}
