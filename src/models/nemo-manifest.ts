import type { Manifest, ManifestFile } from './manifest.js';

const SETTINGS: ManifestFile[] = [{ path: 'config.json' }, { path: 'vocab.txt' }];
const CTC = ['model'];
const TRANSDUCER = ['encoder-model', 'decoder_joint-model'];

/**
 * The manifest of a NeMo model by id or repository (`owner/name`). A repository that no manifest describes gets one in the
 * layout of onnx-asr. Whether it is CTC or a transducer is found by which files it has. Throws an Error that lists the names there are.
 */
export function nemoManifest(nameOrRepository: string, manifests: readonly Manifest[]): Manifest {
  const nemos = manifests.filter((manifest) => manifest.engine === 'nemo');
  const known = nemos.find(({ id, repository }) => [id, repository].includes(nameOrRepository));
  if (known) return known;
  if (/^(?!.*\.\.)[\w.-]+\/[\w.-]+$/.test(nameOrRepository)) return adHoc(nameOrRepository);
  const names = nemos.map(({ id }) => id).join(', ');
  throw new Error(
    `No speech model is called "${nameOrRepository}". Use whisper, one of ${names}, or a hub repository (owner/name) in the layout of onnx-asr.`,
  );
}

function adHoc(repository: string): Manifest {
  return {
    id: repository
      .toLowerCase()
      .replace('/', '--')
      .replace(/^[^a-z0-9]+/, ''),
    kind: 'stt',
    engine: 'nemo',
    repository,
    revision: 'main',
    licence: 'unknown',
    files: [
      ...SETTINGS,
      ...graphs(CTC, '.int8.onnx', 'int8-ctc'),
      ...graphs(TRANSDUCER, '.int8.onnx', 'int8-transducer'),
      ...graphs(CTC, '.onnx', 'fp32-ctc'),
      ...graphs(TRANSDUCER, '.onnx', 'fp32-transducer'),
    ],
  };
}

/** Graphs above 2 GB keep their weights beside them. */
function graphs(names: readonly string[], ending: string, variant: string): ManifestFile[] {
  return names.flatMap((name) => [
    { path: `${name}${ending}`, variants: [variant] },
    { path: `${name}${ending}.data`, variants: [variant], optional: true },
  ]);
}
