import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The main file of a child process: the file beside the caller, as `.js` in the built tree and as `.ts` (through tsx)
 * when the sources run directly, as they do in tests.
 */
export function entryPoint(callerUrl: string, name: string): { path: string; execArgv: string[] } {
  const extension = callerUrl.endsWith('.ts') ? '.ts' : '.js';
  const path = fileURLToPath(new URL(`${name}${extension}`, callerUrl));
  if (extension === '.js') return { path, execArgv: [] };
  const tsx = createRequire(callerUrl).resolve('tsx');
  return { path, execArgv: ['--import', pathToFileURL(tsx).href] };
}
