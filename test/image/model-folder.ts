import { chmodSync, cpSync, existsSync, mkdtempSync, renameSync, rmSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHARED = fileURLToPath(new URL('../../../shared/models', import.meta.url));

/**
 * A folder in hub layout with Whisper base in int8 and, in the place of MMS-TTS, a VITS of its kind with 1.7 MB of random
 * weights: real files, since links would lead out of a container. The caller removes it.
 */
export function copyModels(): string {
  if (!existsSync(SHARED))
    throw new Error('The models for tests (../shared/models) are not beside the checkout.');
  const folder = mkdtempSync(join(tmpdir(), 'kallemni-image-models-'));
  const voice = join(folder, 'mms-tts-ara');
  const copy = { recursive: true, mode: constants.COPYFILE_FICLONE };
  cpSync(join(SHARED, 'whisper-base'), join(folder, 'whisper-base'), copy);
  cpSync(join(SHARED, 'vits-tiny'), voice, copy);
  renameSync(join(voice, 'onnx/model.onnx'), join(voice, 'onnx/model_quantized.onnx'));
  // The service in a container is another user.
  chmodSync(folder, 0o755);
  return folder;
}

export function removeModels(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
