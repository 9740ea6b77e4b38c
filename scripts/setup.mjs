// Prepares a fresh clone: installs the locked dependencies and the programs that the service calls, then builds. Uses only
// Node built-ins, since nothing is installed yet. A step with nothing to do is skipped.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const MINIMUM_NODE = [20, 19];
const PROGRAMS = [
  {
    command: process.env.FFMPEG_PATH || 'ffmpeg',
    package: 'ffmpeg',
    why: 'decodes recordings; required',
  },
  {
    command: process.env.ESPEAK_PATH || 'espeak-ng',
    package: 'espeak-ng',
    why: 'speaks when no voice model is available; optional',
  },
];

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  });
  return { ok: status === 0, reason: error?.message ?? `exit code ${status}` };
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    fail(`Node ${MINIMUM_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
}

function installDependencies() {
  const stamp = join(root, 'node_modules', '.kallemni-lock');
  // A GPU build needs ONNX Runtime's install script, which downloads the CUDA libraries; no other install script runs.
  const cuda = process.env.DEVICE === 'cuda';
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.version} ${cuda}`)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('setup: installing the locked dependencies');
  const npm = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  const install = run(npm[0], [...npm[1], 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
  if (!install.ok) fail(`npm ci failed (${install.reason}); its output is above.`);
  if (cuda) installCuda();
  writeFileSync(stamp, wanted);
}

function installCuda() {
  console.error('setup: fetching the CUDA libraries of ONNX Runtime');
  const script = join(root, 'node_modules', 'onnxruntime-node', 'script', 'install.js');
  const fetched = run(process.execPath, [script, '--onnxruntime-node-install=cuda12']);
  if (!fetched.ok)
    console.error('setup: the CUDA libraries could not be fetched; models will run on the CPU.');
}

function isThere(command) {
  const candidates = command.includes('/')
    ? [command]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function installPrograms() {
  const missing = PROGRAMS.filter(({ command }) => !isThere(command));
  if (missing.length === 0) return;
  const names = missing.map((program) => program.package);
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    console.error(`setup: installing ${names.join(' and ')} with apt-get`);
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
    const installed =
      run('apt-get', ['update', '-qq'], quiet).ok &&
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], quiet).ok;
    if (installed) return;
  }
  const reasons = missing.map((program) => `${program.package} (${program.why})`);
  console.error(
    `setup: please install ${reasons.join(' and ')}, for example: sudo apt-get install ${names.join(' ')}  or  brew install ${names.join(' ')}`,
  );
}

function build() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const built = run(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  if (!built.ok) fail('the build failed; the errors are above.');
  const page = run(process.execPath, [join(root, 'scripts', 'build-web.mjs')]);
  if (!page.ok) fail('the build of the page (web/) failed; the errors are above.');
}

checkNode();
installDependencies();
installPrograms();
build();
