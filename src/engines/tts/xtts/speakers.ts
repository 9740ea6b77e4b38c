import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../lib/system-error.js';
import { unusableFile } from './unusable-file.js';

/** The files of a built-in voice: two float32 NumPy files, as paths inside the model folder. */
export interface SpeakerFiles {
  conditioning: string;
  speakerEmbedding: string;
}

export const SPEAKERS_FILE = 'speakers.json';

/**
 * The built-in voices of a model folder, in the file's order: `{"<name>": {"conditioning": "<file>.npy",
 * "speaker_embedding": "<file>.npy"}}`. A folder without that file has no voices. Throws an error that names the file
 * when it is broken.
 */
export async function readSpeakers(directory: string): Promise<Map<string, SpeakerFiles>> {
  let json: string;
  try {
    json = await readFile(path.join(directory, SPEAKERS_FILE), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return new Map();
    throw error;
  }
  try {
    return new Map(
      Object.entries(JSON.parse(json) as object).map(([name, entry]) => [name, speakerFiles(name, entry)]),
    );
  } catch (error) {
    throw unusableFile(SPEAKERS_FILE, error);
  }
}

function speakerFiles(name: string, entry: unknown): SpeakerFiles {
  const record = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
  const file = (key: string): string => {
    const value = record[key];
    if (typeof value === 'string' && isInside(value)) return value;
    throw new RangeError(`the voice '${name}' has no ${key} that is a file of the folder`);
  };
  return { conditioning: file('conditioning'), speakerEmbedding: file('speaker_embedding') };
}

/** True for a relative path that does not leave its folder. */
export function isInside(file: string): boolean {
  return file !== '' && !path.isAbsolute(file) && !file.split(/[\\/]/).includes('..');
}
