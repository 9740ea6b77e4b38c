import type { JobRecord } from './job.js';
import { audioFile } from './speech/speech-work.js';
import { TRANSCRIPT_FILE } from './transcription/transcription-work.js';

/** The file that holds the result of a completed job. */
export function resultFile({ type, options }: Pick<JobRecord, 'type' | 'options'>): string {
  return type === 'speech' ? audioFile(options.format ?? 'mp3') : TRANSCRIPT_FILE;
}
