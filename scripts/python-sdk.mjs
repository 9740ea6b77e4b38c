// Makes the Python environment that test/sdk/python.test.ts runs in, once for each requirements.txt.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const requirements = fileURLToPath(new URL('../test/sdk/python/requirements.txt', import.meta.url));
const folder = fileURLToPath(new URL('../.cache/python-sdk', import.meta.url));
const stamp = `${folder}/made-from.txt`;
const wanted = readFileSync(requirements, 'utf8');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  rmSync(folder, { recursive: true, force: true });
  const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run('python3', '-m', 'venv', folder);
  run(`${folder}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', '-r', requirements);
  writeFileSync(stamp, wanted);
}
