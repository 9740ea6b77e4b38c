import { execFileSync } from 'node:child_process';
import path from 'node:path';

/**
 * Builds what has changed of the service and the page, once before all tests: tests below test/ start the built service as a process. A run that names
 * only files of src/, bench/ or web/ needs no build.
 */
export function setup(): void {
  const named = process.argv.slice(3).filter((argument) => !argument.startsWith('-'));
  if (named.length > 0 && named.every((file) => /^(src|bench|web)\//.test(file))) return;
  const root = path.resolve(import.meta.dirname, '../..');
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  execFileSync(process.execPath, [path.join(root, 'scripts/build-web.mjs')], { cwd: root, stdio: 'inherit' });
}
