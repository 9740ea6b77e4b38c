/**
 * Our Whisper engine next to the stock transformers.js pipeline: latency, CPU time and error rates on the Egyptian
 * dialogues, every clip heard by all of them in turn so that the machine's noise falls on all alike.
 *
 *   npx tsx bench/whisper-engine.ts MODEL_SOURCE [precision,...] [clips] [CHECKOUT]
 *
 * MODEL_SOURCE holds whisper-base with the graphs of each precision (fp32, q8). CHECKOUT is another working tree of this
 * repository, whose engine takes part instead of the stock pipeline: it shows what a change gains in one run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from '@huggingface/transformers';
import { loadWhisper } from '../src/engines/stt/whisper/worker/load-whisper.js';
import { speechClips, type SpeechClip } from './lib/speech-clips.js';
import { errorRates } from './lib/wer.js';

interface Contestant {
  name: string;
  hear: (audio: Float32Array) => Promise<string>;
  wallMs: number[];
  cpuMs: number;
  pairs: { reference: string; heard: string }[];
}

const VAD_MODEL = path.resolve(
  import.meta.dirname,
  '../node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
);

async function ours(
  name: string,
  load: typeof loadWhisper,
  source: string,
  precision: 'fp32' | 'q8',
  derivedDirectory: string,
): Promise<Contestant> {
  const engine = await load({
    directory: path.join(source, 'whisper-base'),
    derivedDirectory,
    precision,
    device: 'cpu',
    threads: 2,
    keepMemory: true,
    vadModel: VAD_MODEL,
  });
  const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };
  const hear = async (audio: Float32Array): Promise<string> =>
    (await engine.run({ audio, options: { language: 'ar', timestamps: 'none' } }, context)).text;
  return contestant(`${name} ${precision}`, hear);
}

async function engineOf(checkout: string): Promise<typeof loadWhisper> {
  const file = path.resolve(checkout, 'src/engines/stt/whisper/worker/load-whisper.ts');
  return ((await import(file)) as { loadWhisper: typeof loadWhisper }).loadWhisper;
}

async function stock(source: string, precision: 'fp32' | 'q8'): Promise<Contestant> {
  const recogniser = await pipeline('automatic-speech-recognition', path.join(source, 'whisper-base'), {
    dtype: precision,
    local_files_only: true,
  });
  const hear = async (audio: Float32Array): Promise<string> => {
    const output = await recogniser(audio, { language: 'ar', task: 'transcribe' });
    return Array.isArray(output) ? '' : output.text;
  };
  return contestant(`stock ${precision}`, hear);
}

function contestant(name: string, hear: Contestant['hear']): Contestant {
  return { name, hear, wallMs: [], cpuMs: 0, pairs: [] };
}

async function listen(one: Contestant, clip: SpeechClip): Promise<void> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const heard = await one.hear(clip.audio);
  const used = process.cpuUsage(cpu);
  one.wallMs.push(performance.now() - startedAt);
  one.cpuMs += (used.user + used.system) / 1000;
  one.pairs.push({ reference: clip.text, heard });
}

function row(one: Contestant): Record<string, number | string> {
  const sorted = [...one.wallMs].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const { strict, lenient, characters } = errorRates(one.pairs);
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    engine: one.name,
    meanMs: Math.round(sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length),
    medianMs: at(0.5),
    p95Ms: at(0.95),
    cpuMs: Math.round(one.cpuMs / sorted.length),
    werStrict: round(strict),
    werLenient: round(lenient),
    cer: round(characters),
  };
}

/** Medians of the clips' own ratios, of each pair of contestants: what disturbs one clip disturbs both. */
function ratioOf(contestants: readonly Contestant[]): Record<string, number> {
  const pairs = contestants.flatMap((one, index) => {
    const other = contestants[index + 1];
    if (index % 2 === 1 || !other) return [];
    const ratios = one.wallMs.map((ms, clip) => ms / (other.wallMs[clip] ?? NaN)).sort((a, b) => a - b);
    const median = ratios[Math.floor(ratios.length / 2)] ?? NaN;
    return [[`${one.name} / ${other.name}`, Math.round(median * 1000) / 1000] as const];
  });
  return Object.fromEntries(pairs);
}

async function main(
  source: string,
  precisions: ('fp32' | 'q8')[],
  limit: number,
  checkout: string | undefined,
): Promise<void> {
  const derived = mkdtempSync(path.join(tmpdir(), 'whisper-bench-'));
  try {
    const contestants: Contestant[] = [];
    for (const precision of precisions)
      contestants.push(
        await ours('ours', loadWhisper, source, precision, derived),
        checkout === undefined
          ? await stock(source, precision)
          : await ours('other', await engineOf(checkout), source, precision, derived),
      );
    for (const [index, clip] of speechClips('egy-dialogues').slice(0, limit).entries()) {
      // In turn, so that none always has the warmer caches.
      const order = index % 2 === 0 ? contestants : [...contestants].reverse();
      for (const one of order) await listen(one, clip);
    }
    const rows = contestants.map(row);
    console.table(rows);
    console.log(JSON.stringify({ bench: 'whisper-engine', rows, ratio: ratioOf(contestants) }));
  } finally {
    rmSync(derived, { recursive: true, force: true });
  }
}

const [source, precisions = 'fp32,q8', limit = 'all', checkout] = process.argv.slice(2);
if (source === undefined)
  throw new Error('Say where the models are: npx tsx bench/whisper-engine.ts MODEL_SOURCE');
await main(
  path.resolve(source),
  precisions.split(',') as ('fp32' | 'q8')[],
  limit === 'all' ? Infinity : Number(limit),
  checkout,
);
