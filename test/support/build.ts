import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Builds what has changed, once before all tests: tests that start the service as a process run the build. */
export function setup(): void {
  const root = path.resolve(import.meta.dirname, '../..');
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}
