import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { REPOSITORY } from './service.js';

/** What tsc exits with when it has complaints but has written the output all the same. */
const WRITTEN_WITH_COMPLAINTS = 2;

/** The figures are those of the sources as they are now, not of an older build. Throws when nothing could be built. */
export function buildService(): void {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status === WRITTEN_WITH_COMPLAINTS) console.warn('The build has complaints; measuring it as it is.');
  else if (status !== 0) throw new Error('The service could not be built');
}
