import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SPEAKERS_FILE } from './speakers.js';

/** A miniature of XTTS v2, with the expected numbers that Coqui's code computes. */
export const TINY_MODEL = fileURLToPath(new URL('../../../../test/fixtures/xtts-tiny', import.meta.url));

/** Makes a new folder with the files of the miniature model. The test deletes it. */
export interface ModelCopy {
  directory: string;
  /** Replaces a file by `content`, or removes it for null. */
  replace(file: string, content: Uint8Array | string | null): Promise<void>;
  remove(): Promise<void>;
}

/** Makes links to all files, as model caches do, and adds two built-in voices. */
export async function copyTinyModel(): Promise<ModelCopy> {
  const directory = await mkdtemp(path.join(tmpdir(), 'kallemni-xtts-'));
  for (const entry of await readdir(TINY_MODEL)) {
    await symlink(path.join(TINY_MODEL, entry), path.join(directory, entry));
  }
  const voice = {
    conditioning: 'expected/cond_latents.npy',
    speaker_embedding: 'expected/speaker_embedding.npy',
  };
  const other = { ...voice, conditioning: 'expected/cond_latents_30s.npy' };
  const copy: ModelCopy = {
    directory,
    replace: async (file, content) => {
      await rm(path.join(directory, file), { force: true });
      if (content !== null) await writeFile(path.join(directory, file), content);
    },
    remove: () => rm(directory, { recursive: true }),
  };
  await copy.replace(SPEAKERS_FILE, JSON.stringify({ Nour: voice, Karim: other }));
  return copy;
}
