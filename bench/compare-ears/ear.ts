import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadManifests } from '../../src/models/manifests.js';
import type { Cleanup } from '../lib/cleanup.js';
import { timedTranscript } from '../lib/calls.js';
import { MemoryWatch } from '../lib/memory-watch.js';
import { startService, untilReady } from '../lib/service.js';
import type { TranscribedRecording } from './transcribed-recordings.js';

/** A model and how it decodes. */
export interface Ear {
  /** As it was asked for: `base`, `base@5`, `fastconformer-ar`, `nemo:owner/name`. */
  name: string;
  settings: Record<string, string>;
}

export interface EarResult {
  name: string;
  /** One per recording; null where the service refused it. */
  heard: { text: string | null; ms: number }[];
  /** Highest resident memory of the service and its model processes, MB. */
  peakMb: number;
  /** Why nothing was measured. */
  failure?: string;
}

/** Settings that lead to models and decide how they run; a comparison passes them on. */
const PASSED_ON = [
  'MODEL_SOURCE',
  'HF_ENDPOINT',
  'HF_TOKEN',
  'MODELS_DIR',
  'DEVICE',
  'THREADS',
  'PROFILE',
  'WHISPER_PRECISION',
  'WHISPER_PROMPT',
  'WHISPER_LANGUAGE',
];

/** `NAME`, or `NAME@BEAMS` for a Whisper. Names of NeMo manifests and `nemo:owner/name` are NeMo models. */
export async function earOf(name: string): Promise<Ear> {
  const [model = '', beams = '1'] = name.split('@');
  const nemos = (await loadManifests()).filter(({ engine }) => engine === 'nemo').map(({ id }) => id);
  const nemo = model.startsWith('nemo:')
    ? model.slice('nemo:'.length)
    : nemos.find((known) => known === model);
  return {
    name,
    settings: nemo === undefined ? { LOCAL_WHISPER_MODEL: model, BEAM_SIZE: beams } : { STT_MODEL: nemo },
  };
}

/** The models that the environment configures, and the built-in one. */
export function configuredEars(variables: NodeJS.ProcessEnv): string[] {
  const {
    STT_MODEL: family = 'whisper',
    LOCAL_WHISPER_MODEL: whisper = 'base',
    BEAM_SIZE: beams,
  } = variables;
  const { REALTIME_WHISPER_MODEL: captions } = variables;
  const named = beams === undefined || beams === '1' ? whisper : `${whisper}@${beams}`;
  const nemo = family === 'whisper' ? [] : [family.includes('/') ? `nemo:${family}` : family];
  return [...new Set(['base', ...nemo, named, ...(captions ? [captions] : [])])];
}

/** Runs the service with one model over all recordings, one after the other. A model that does not load is a failure in the result. */
export async function listen(
  ear: Ear,
  recordings: readonly TranscribedRecording[],
  variables: NodeJS.ProcessEnv,
  cleanup: Cleanup,
): Promise<EarResult> {
  const passed = PASSED_ON.flatMap((name) => (variables[name] ? [[name, variables[name]] as const] : []));
  const environment = {
    ...Object.fromEntries(passed),
    TTS_MODEL: 'espeak',
    MAX_AUDIO_LENGTH: '3600',
    ...ear.settings,
  };
  const service = await startService(cleanup, { environment });
  const memory = new MemoryWatch(service.pid);
  try {
    await untilReady(service);
    const heard: EarResult['heard'] = [];
    const first = recordings[0];
    // The first call warms caches and is not counted.
    if (first) await hear(service.url, first);
    for (const recording of recordings) heard.push(await hear(service.url, recording));
    return { name: ear.name, heard, peakMb: memory.peakMb };
  } catch (error) {
    return { name: ear.name, heard: [], peakMb: 0, failure: String(error) };
  } finally {
    memory.stop();
    await service.stop();
  }
}

async function hear(url: string, { file }: TranscribedRecording): Promise<EarResult['heard'][number]> {
  const bytes = Uint8Array.from(await readFile(file));
  try {
    const { text, ms } = await timedTranscript(url, { name: path.basename(file), bytes });
    return { text, ms };
  } catch (error) {
    console.warn(`  ${String(error)}`);
    return { text: null, ms: NaN };
  }
}
