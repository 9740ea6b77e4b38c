import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/load-config.js';
import type { VoiceEncoder } from '../engines/tts/voice-latents.js';
import { abortable } from '../lib/abort.js';
import { AppError } from '../lib/errors.js';
import { Hasher } from '../models/hash.js';
import type { ModelProvision } from '../models/provision.js';
import { mayUseXtts, type XttsVoice } from './xtts.js';

/** The model files that affect the latents of a voice. */
const ENCODER_FILES = /^(conditioning_encoder|speaker_encoder|mel_stats)\b/;

/**
 * XTTS as the engine that computes latents of cloned voices. `model` is null when XTTS comes from XTTS_DIR or is off.
 */
export function voiceEncoderOf(
  config: Config,
  { speech, directory }: XttsVoice,
  model: ModelProvision | null,
  closing: AbortSignal,
): VoiceEncoder {
  let fingerprint: Promise<string> | undefined;
  return {
    unavailable: () => {
      if (mayUseXtts(config)) return model?.unavailable() ?? null;
      const reason = speech.unavailable()?.message ?? 'The voice engine xtts_v2 is off.';
      return new AppError(reason, { status: 503, type: 'server_error', code: 'voice_cloning_unavailable' });
    },
    fingerprint: (signal) => {
      // The weights do not change while the service runs, so the result is cached. A failure is not cached.
      fingerprint ??= directory()
        .then((folder) => fingerprintOf(folder, closing))
        .catch((error: unknown) => {
          fingerprint = undefined;
          throw error;
        });
      return abortable(fingerprint, signal);
    },
    latentsOf: (recordings, signal) => speech.latentsOf(recordings, signal),
  };
}

/** One SHA-256 over the hashes of the files that compute latents, because latents of other weights cannot be used. */
async function fingerprintOf(directory: string, signal: AbortSignal): Promise<string> {
  const files = (await readdir(directory)).filter((file) => ENCODER_FILES.test(file)).sort();
  const hasher = new Hasher();
  try {
    const sums: string[] = [];
    for (const file of files) sums.push(await hasher.sha256(join(directory, file), signal));
    return createHash('sha256').update(sums.join(' ')).digest('hex');
  } finally {
    await hasher.close();
  }
}
