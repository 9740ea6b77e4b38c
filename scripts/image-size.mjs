// Measures the compressed size of an image as a registry stores it: layers above the base, the base, and both together. The
// local base may be a stand-in for the official one, so the limit applies to the sum with the official base's size.
// Usage: npm run image:size -- [IMAGE] [--base IMAGE] [--limit MB]
//   IMAGE is a name that docker or buildah knows, or a folder in OCI layout. Exit 1 above the limit.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';

/** Compressed size of the official node:22-bookworm-slim, in MB. */
const OFFICIAL_BASE_MB = { amd64: 76.2, arm64: 76.2 };
const GZIP_MAGIC = '1f8b';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: 'string', default: process.env.NODE_IMAGE ?? 'node:22-bookworm-slim' },
    limit: { type: 'string', default: '120' },
  },
});
const [image = 'kallemni:cpu'] = positionals;
const temporary = mkdtempSync(join(tmpdir(), 'image-size-'));
try {
  await report();
} catch (error) {
  console.error(`image:size: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

async function report() {
  const limit = Number(values.limit);
  if (!(limit > 0)) throw new Error(`--limit takes a number of MB, got "${values.limit}"`);
  const { layers, architecture } = readLayout(layoutOf(image, 'image'));
  const base = readLayout(layoutOf(values.base, 'base')).layers;
  if (!base.every(({ id }, index) => id === layers[index]?.id))
    throw new Error(`${image} is not built on ${values.base}; name its base with --base`);
  const below = await sizeOf(layers.slice(0, base.length));
  const above = await sizeOf(layers.slice(base.length));
  const official = OFFICIAL_BASE_MB[architecture];
  if (official === undefined) throw new Error(`no size is known of the official base for ${architecture}`);
  const total = above.compressed + official;
  console.log(`${image} (linux/${architecture})           compressed     unpacked`);
  print(`layers above the base (${layers.length - base.length})`, above.compressed, above.unpacked);
  print(`base it was built on (${base.length})`, below.compressed, below.unpacked);
  print('total as built', above.compressed + below.compressed, above.unpacked + below.unpacked);
  print(`total with the official base of ${official} MB`, total);
  console.log(total <= limit ? `Fits the limit of ${limit} MB.` : `Over the limit of ${limit} MB.`);
  if (total > limit) process.exitCode = 1;
}

function print(name, compressed, unpacked) {
  const column = (megabytes) => (megabytes === undefined ? '' : `${megabytes.toFixed(1)} MB`.padStart(12));
  console.log(`  ${name.padEnd(42)}${column(compressed)} ${column(unpacked)}`);
}

/** A folder in OCI layout that holds the image. */
function layoutOf(name, purpose) {
  if (existsSync(join(name, 'index.json'))) return name;
  const folder = join(temporary, purpose);
  const tries = [
    ['buildah', ['push', '--quiet', name, `oci:${folder}:image`]],
    ['sh', ['-c', 'mkdir "$2" && docker save "$1" | tar -x -C "$2"', 'sh', name, folder]],
  ];
  const reasons = tries.map(([command, args]) => {
    if (existsSync(join(folder, 'index.json'))) return '';
    rmSync(folder, { recursive: true, force: true });
    const { stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    return error?.message ?? stderr.trim();
  });
  if (existsSync(join(folder, 'index.json'))) return folder;
  throw new Error(
    `${name} is no folder in OCI layout, and neither buildah nor docker has it: ${reasons.join('; ')}`,
  );
}

function readLayout(folder) {
  const blobPath = (digest) => join(folder, 'blobs', ...digest.split(':'));
  const readJson = (digest) => JSON.parse(readFileSync(blobPath(digest), 'utf8'));
  let manifest = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  while (manifest.manifests) manifest = readJson(manifest.manifests[0].digest);
  const config = readJson(manifest.config.digest);
  const layers = manifest.layers.map(({ digest }, index) => ({
    path: blobPath(digest),
    id: config.rootfs.diff_ids[index],
  }));
  return { layers, architecture: config.architecture };
}

/** Size of all layers together, in MB. Layers that are stored unpacked are compressed first, as a push does. */
async function sizeOf(layers) {
  const sum = { compressed: 0, unpacked: 0 };
  for (const { path } of layers) {
    const stored = statSync(path).size / 1e6;
    const packed = (await firstBytes(path)) === GZIP_MAGIC;
    const other = await lengthThrough(path, packed ? createGunzip() : createGzip());
    sum.compressed += packed ? stored : other;
    sum.unpacked += packed ? other : stored;
  }
  return sum;
}

async function firstBytes(path) {
  for await (const chunk of createReadStream(path, { start: 0, end: 1, encoding: 'hex' })) return chunk;
  return '';
}

async function lengthThrough(path, transform) {
  let bytes = 0;
  const count = new Writable({
    write(chunk, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  await pipeline(createReadStream(path), transform, count);
  return bytes / 1e6;
}
