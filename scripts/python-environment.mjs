// Creates a Python environment for tests, again whenever its requirements change:
//   node scripts/python-environment.mjs NAME REQUIREMENTS     -> .cache/NAME
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const [name, requirements] = process.argv.slice(2);
const folder = resolve(import.meta.dirname, '../.cache', name);
const stamp = `${folder}/made-from.txt`;
const wanted = readFileSync(requirements, 'utf8');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  rmSync(folder, { recursive: true, force: true });
  const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run('python3', '-m', 'venv', folder);
  run(`${folder}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', '-r', requirements);
  writeFileSync(stamp, wanted);
}
