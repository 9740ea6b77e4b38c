import { env } from '@huggingface/transformers';
import type { LoadWorkerEngine } from '../../../../inference/worker-engine.js';
import { SileroVoiceActivity } from '../../../vad/silero/worker/silero.js';
import type { WhisperOptions } from '../protocol.js';
import { deriveApart } from './derive-apart.js';
import { HEARING, HEARING_ON_CUDA } from './hear-window.js';
import { MelSpectrogram } from './mel-spectrogram.js';
import { readSettings } from './model-settings.js';
import { Vocabulary } from './vocabulary.js';
import { WhisperEngine } from './whisper-engine.js';
import { WhisperModel } from './whisper-model.js';

/**
 * Loads a Whisper checkpoint and the voice detector from disk and warms them up. The first load edits the checkpoint's
 * graphs (seconds); later ones find the edited files. Throws with the file's name when a file is missing or broken.
 */
export const loadWhisper: LoadWorkerEngine<WhisperOptions, WhisperEngine> = async (options) => {
  env.allowRemoteModels = false;
  const { directory, derivedDirectory, precision } = options;
  const settings = await readSettings(directory);
  const vocabulary = await Vocabulary.load(directory);
  const graphs = await deriveApart({ directory, derivedDirectory, precision, settings });
  const detector = await SileroVoiceActivity.load(options.vadModel);
  try {
    // The small download is for small machines.
    const keepMemory = precision === 'fp32';
    const model = await WhisperModel.load(graphs, settings, { ...options, keepMemory });
    const onGpu = options.device === 'cuda' && model.warnings.length === 0;
    const engine = new WhisperEngine({
      model,
      detector,
      vocabulary,
      settings,
      mel: new MelSpectrogram(settings.mel),
      policy: onGpu ? HEARING_ON_CUDA : HEARING,
    });
    await engine.warmUp();
    if (onGpu) await engine.warmUpWindows();
    return engine;
  } catch (error) {
    await detector.close();
    throw error;
  }
};
