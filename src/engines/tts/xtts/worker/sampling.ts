import type { SamplingSettings } from '../protocol.js';
import type { Random } from '../../../../lib/random.js';

/**
 * The probabilities of the next token, after repetition penalty, temperature, top-k and top-p, in this order. The
 * penalty divides a positive logit and multiplies a negative one, once per token that occurred before.
 */
export function tokenProbabilities(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  { temperature, topK, topP, repetitionPenalty }: SamplingSettings,
): Float64Array {
  const scores = Float64Array.from(logits);
  for (const id of seen) {
    const score = scores[id];
    if (score !== undefined) scores[id] = score < 0 ? score * repetitionPenalty : score / repetitionPenalty;
  }
  for (let id = 0; id < scores.length; id++) scores[id] = (scores[id] ?? 0) / temperature;
  keepTopK(scores, topK);
  keepTopP(scores, topP);
  return softmax(scores);
}

/** Draws an index by its probability. */
export function draw(probabilities: Float64Array, random: Random): number {
  let rest = random();
  let last = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (probability === 0) continue;
    rest -= probability;
    last = index;
    if (rest < 0) break;
  }
  return last;
}

/** Keeps the k highest scores, and all scores equal to the k-th. */
function keepTopK(scores: Float64Array, count: number): void {
  if (count >= scores.length) return;
  const threshold = Float64Array.from(scores).sort()[scores.length - count] ?? -Infinity;
  for (let id = 0; id < scores.length; id++) if ((scores[id] ?? 0) < threshold) scores[id] = -Infinity;
}

/** Drops the least probable tokens whose sum is at most 1 - mass. The most probable token always remains. */
function keepTopP(scores: Float64Array, mass: number): void {
  if (mass >= 1) return;
  const probabilities = softmax(scores);
  const ascending = [...probabilities.keys()]
    .filter((id) => (probabilities[id] ?? 0) > 0)
    .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let sum = 0;
  for (const id of ascending.slice(0, -1)) {
    sum += probabilities[id] ?? 0;
    if (sum > 1 - mass) break;
    scores[id] = -Infinity;
  }
}

function softmax(scores: Float64Array): Float64Array {
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = scores.map((score) => Math.exp(score - highest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
