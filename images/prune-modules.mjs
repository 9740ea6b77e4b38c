// Removes from node_modules what the service never loads in an image: other platforms' binaries, browser builds, types,
// sources, documents, tests. Licences stay. Uses only Node built-ins.
// Usage: node prune-modules.mjs NODE_MODULES ARCHITECTURE   (amd64, arm64, or Node's own names; this machine's when empty)
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of a package without code that is loaded. */
const FOLDERS = new Set([
  '.bin',
  '.github',
  'OLD',
  'coverage',
  'doc',
  'docs',
  'example',
  'examples',
  'test',
  'tests',
  '__tests__',
]);
/** Types, sources and source maps, documents. */
const FILES = /\.(ts|mts|cts|map|md|markdown|tsbuildinfo)$/i;
const LICENCE = /^(licen[cs]e|copying|notice)/i;
/** Packages of which only some files are loaded. Found by running the image's test, which transcribes, answers and speaks. */
const KEPT = {
  '@huggingface/transformers': ['package.json', 'dist/transformers.node.mjs'],
  '@ricky0123/vad-web': ['package.json', 'dist/silero_vad_v5.onnx'],
};
/** Optional dependencies of packages that never load them: stores of tus in Redis. */
const UNUSED = ['@redis', '@tus/server/node_modules'];
const ARCHITECTURES = { amd64: 'x64', x64: 'x64', arm64: 'arm64' };

const [modules, wanted] = process.argv.slice(2);
const architecture = ARCHITECTURES[wanted || process.arch];
if (!modules || !architecture || !existsSync(join(modules, 'onnxruntime-node'))) {
  console.error(
    `prune-modules: expected a node_modules folder with onnxruntime-node and amd64 or arm64, got "${modules}" and "${wanted}".`,
  );
  process.exit(1);
}

const before = size(modules);
for (const [name, kept] of Object.entries(KEPT)) keepOnly(join(modules, name), kept);
keepOnly(join(modules, 'onnxruntime-node/bin/napi-v6'), [`linux/${architecture}`]);
for (const name of UNUSED) rmSync(join(modules, name), { recursive: true, force: true });
prune(modules);
console.log(
  `prune-modules: ${mebibytes(before)} MiB -> ${mebibytes(size(modules))} MiB (linux/${architecture})`,
);

/** Removes everything below `folder` except the paths in `kept` and everything below those. Throws when one of them is missing. */
function keepOnly(folder, kept) {
  for (const path of kept) {
    if (!existsSync(join(folder, path))) throw new Error(`prune-modules: ${join(folder, path)} is missing`);
  }
  visit(folder, '');
  function visit(directory, prefix) {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (kept.includes(path) || (prefix === '' && LICENCE.test(entry.name))) continue;
      if (entry.isDirectory() && kept.some((one) => one.startsWith(`${path}/`)))
        visit(join(directory, entry.name), `${path}/`);
      else rmSync(join(directory, entry.name), { recursive: true });
    }
  }
}

function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // A scope or a package may itself be called "test": a folder inside a package has a package.json beside it.
    if (entry.isDirectory()) {
      if (FOLDERS.has(entry.name) && (entry.name === '.bin' || existsSync(join(folder, 'package.json'))))
        rmSync(path, { recursive: true });
      else prune(path);
    } else if (entry.isFile() && FILES.test(entry.name) && !LICENCE.test(entry.name)) rmSync(path);
  }
}

function size(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function mebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}
