import type { Transcribe } from '../../assistant/transcribe.js';
import type { JobOutcome, JobRun } from '../job-run.js';
import { hearWindows } from './hear-windows.js';
import { joinWindows } from './join-windows.js';
import { prepareAudio, type AudioParts } from './prepare-audio.js';

export interface TranscriptionParts extends AudioParts {
  transcribe: Transcribe;
  /** The language of a recording in which nobody speaks and whose job names none. */
  language: string;
}

/** The file that holds the transcript of a completed job. */
export const TRANSCRIPT_FILE = 'result.json';

/** Decodes the recording, transcribes it window by window and stores the transcript. Goes on from earlier attempts. */
export async function transcriptionWork(run: JobRun, parts: TranscriptionParts): Promise<JobOutcome> {
  const { pcm, plan } = await prepareAudio(run, parts);
  try {
    const windows = await hearWindows(run, parts.transcribe, pcm, plan.windows);
    const result = joinWindows(windows, {
      seconds: plan.seconds,
      language: run.record.options.language ?? parts.language,
      warnings: plan.warnings,
    });
    const content = JSON.stringify(result);
    await run.store.writeFile(run.id, TRANSCRIPT_FILE, content);
    return {
      keep: [TRANSCRIPT_FILE],
      bytes: Buffer.byteLength(content),
      change: {
        usage: { type: 'duration', seconds: Math.ceil(plan.seconds) },
        warnings: result.transcript.warnings,
        timings: {
          decode_ms: Math.round(plan.decodeMs),
          transcribe_ms: Math.round(windows.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
        },
      },
    };
  } finally {
    await pcm.close();
  }
}
