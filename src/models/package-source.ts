import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PermanentFailure } from './download-failure.js';
import type { Manifest, ManifestFile } from './manifest.js';
import type { ModelSource, PreparedModel, StoredFile, Work } from './model-source.js';
import { checkStoredFile, statOrNothing } from './stored-file.js';

export const PACKAGE_PREFIX = 'npm:';

/** Uses files of an installed package in place, once their sums are found right. They are small, so each start sums them. */
export class PackageSource implements ModelSource {
  async prepare(manifest: Manifest, files: readonly ManifestFile[], work: Work): Promise<PreparedModel> {
    const directory = await packageRoot(manifest);
    if (directory === undefined)
      throw new PermanentFailure(`the package ${nameOf(manifest)} is not installed. Run npm ci`);
    const identity: string[] = [];
    for (const file of files) {
      const check = await checkStoredFile(directory, file, undefined, work);
      if (check.state !== 'right') {
        const reason = check.state === 'corrupt' ? check.reason : 'is missing';
        throw new PermanentFailure(
          `${file.path}: ${reason} in the installed package ${nameOf(manifest)}, of which version ${manifest.revision} is expected. Run npm ci`,
        );
      }
      work.tracker.complete(file.path, check.size);
      identity.push(check.sha256);
    }
    return { directory, identity: identity.join('\n') };
  }

  async inspect(manifest: Manifest): Promise<StoredFile[]> {
    const directory = await packageRoot(manifest);
    return Promise.all(
      manifest.files.map(async (file) => {
        const found = directory === undefined ? undefined : await statOrNothing(join(directory, file.path));
        return { file, state: found ? ('ready' as const) : ('missing' as const), bytes: found?.size ?? 0 };
      }),
    );
  }

  remove(manifest: Manifest): Promise<void> {
    return Promise.reject(new PermanentFailure(`it is part of the installed package ${nameOf(manifest)}`));
  }
}

function nameOf({ repository }: Manifest): string {
  return repository.slice(PACKAGE_PREFIX.length);
}

/** The folder of a package: its own exports may hide package.json, so the places Node looks in are walked. */
async function packageRoot(manifest: Manifest): Promise<string | undefined> {
  for (const place of createRequire(import.meta.url).resolve.paths(nameOf(manifest)) ?? []) {
    const description = join(place, nameOf(manifest), 'package.json');
    if (await statOrNothing(description)) return dirname(description);
  }
  return undefined;
}
