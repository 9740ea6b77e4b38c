import type { Manifest, ManifestFile } from './manifest.js';
import { isBuiltIn } from './shipped-source.js';

/** Graphs above 2 GB have their weights in a separate file. Only large float32 checkpoints have them. */
const EXTERNAL_WEIGHTS: ManifestFile[] = ['encoder_model', 'decoder_model_merged'].map((graph) => ({
  path: `onnx/${graph}.onnx_data`,
  variants: ['fp32'],
  optional: true,
}));

/** Graphs that models/export writes for this engine. The hub's repositories do not have them. */
export const COMPACT = 'compact';
const COMPACT_GRAPHS: ManifestFile[] = ['encoder', 'cross', 'step'].map((part) => ({
  path: `onnx/${part}_compact.onnx`,
  variants: [COMPACT],
}));

/**
 * The manifest of a Whisper model by short name (`base`), id (`whisper-base`) or repository (`owner/name`). A
 * repository without a manifest gets one in the layout that all ONNX exports of Whisper share; its hashes are recorded
 * on first download. Throws an Error that lists the known names.
 */
export function whisperManifest(nameOrRepository: string, manifests: readonly Manifest[]): Manifest {
  const whispers = manifests.filter((manifest) => manifest.engine === 'whisper' && !isBuiltIn(manifest));
  const known = whispers.find(({ id, repository }) =>
    [id, id.replace(/^whisper-/, ''), repository].includes(nameOrRepository),
  );
  if (known) return known;
  const template = whispers[0];
  if (template && /^(?!.*\.\.)[\w.-]+\/[\w.-]+$/.test(nameOrRepository))
    return adHoc(nameOrRepository, template);
  const names = whispers.map(({ id }) => id.replace(/^whisper-/, '')).join(', ');
  throw new Error(
    `No Whisper model is called "${nameOrRepository}". Use one of ${names}, or a hub repository (owner/name).`,
  );
}

/** The Whisper model that ships with the service, and the short name of the model that it is a variant of. */
export function builtInWhisper(manifests: readonly Manifest[]): { manifest: Manifest; of: string } {
  const manifest = manifests.find((candidate) => candidate.engine === 'whisper' && isBuiltIn(candidate));
  if (!manifest) throw new Error('No manifest in models/ describes a built-in Whisper model');
  return { manifest, of: manifest.id.replace(/-builtin$/, '') };
}

function adHoc(repository: string, template: Manifest): Manifest {
  return {
    ...template,
    id: repository
      .toLowerCase()
      .replace('/', '--')
      .replace(/^[^a-z0-9]+/, ''),
    repository,
    revision: 'main',
    licence: 'unknown',
    files: [...template.files.map(withoutSums), ...EXTERNAL_WEIGHTS, ...COMPACT_GRAPHS],
  };
}

function withoutSums({ path, variants }: ManifestFile): ManifestFile {
  return variants ? { path, variants } : { path };
}
