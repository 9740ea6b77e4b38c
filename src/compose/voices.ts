import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAudioDecoder } from '../audio/decode.js';
import type { Config } from '../config/load-config.js';
import type { VoiceEncoder, VoiceLatents } from '../engines/tts/voice-latents.js';
import type { VoiceRouteParts } from '../http/voices/mount-voices.js';
import { abortable } from '../lib/abort.js';
import { AppError } from '../lib/errors.js';
import { Hasher } from '../models/hash.js';
import type { Logger } from '../observability/logger.js';
import { ConsentStore } from '../voices/consent-store.js';
import { MOST_SECONDS, REFERENCE_RATE } from '../voices/reference-recording.js';
import { createVoiceCloning } from '../voices/voice-cloning.js';
import { VoiceStore } from '../voices/voice-store.js';
import type { Engines } from './engines.js';
import { mayUseXtts, XTTS_MANIFEST, type XttsVoice } from './xtts.js';

export interface Voices {
  routes: VoiceRouteParts;
  /** For the engine that speaks with them; null where there is no voice with this id. */
  latents(id: string): Promise<VoiceLatents | null>;
  /** Asked of the disk alone, so that it is answered whatever the engines can do. */
  has(id: string): Promise<boolean>;
  /** Removes what a process that died may have left. */
  start(): void;
  close(): void;
}

const DECODE_TIMEOUT_MS = 20_000;
/** What the latents of a voice depend on. */
const ENCODER_FILES = /^(conditioning_encoder|speaker_encoder|mel_stats)\b/;

/** Cloned voices over the engine that can make them. */
export function composeVoices(config: Config, engines: Engines, logger: Logger): Voices {
  const closing = new AbortController();
  const encoder = engines.xtts && encoderOf(config, engines, engines.xtts, closing.signal);
  const onDamaged = (error: unknown): void => logger.error({ error }, 'a voice or consent is left out');
  const kept = { limit: config.MAX_VOICES, onDamaged };
  const voices = new VoiceStore({ ...kept, directory: join(config.VOICES_DIR, 'voices'), encoder });
  const consents = new ConsentStore({ ...kept, directory: join(config.VOICES_DIR, 'consents') });
  const decoder = createAudioDecoder({
    ffmpeg: { path: config.FFMPEG_PATH, environment: config.childEnvironment },
    maxSeconds: MOST_SECONDS,
    maxConcurrent: config.machine.cores,
    maxWaiting: config.QUEUE_LIMIT,
    timeoutMs: DECODE_TIMEOUT_MS,
    sampleRate: REFERENCE_RATE,
  });
  const cloning = createVoiceCloning({
    decode: (path, signal) => decoder.decode(path, signal),
    detector: engines.detector,
    voices,
    consents,
    enabled: config.ENABLE_VOICE_CLONING,
  });
  return {
    routes: { cloning, voices, consents, engines: engines.voices },
    latents: (id) => voices.latents(id),
    has: (id) => voices.has(id),
    start: () => {
      Promise.all([voices.sweep(), consents.sweep()]).catch((error: unknown) =>
        logger.error({ error }, 'VOICES_DIR cannot be used'),
      );
    },
    close: () => {
      closing.abort(new DOMException('The service is going down.', 'AbortError'));
      voices.close();
    },
  };
}

function encoderOf(
  config: Config,
  { provisions }: Engines,
  { speech, directory }: XttsVoice,
  closing: AbortSignal,
): VoiceEncoder {
  let fingerprint: Promise<string> | undefined;
  return {
    refusal: () => {
      if (mayUseXtts(config)) return provisions.find(({ id }) => id === XTTS_MANIFEST)?.unavailable() ?? null;
      const reason = speech.unavailableReason() ?? 'The voice engine xtts_v2 is off.';
      return new AppError(reason, { status: 503, type: 'server_error', code: 'voice_cloning_unavailable' });
    },
    fingerprint: (signal) => {
      // The weights stay the same while the service runs; a failure is not remembered.
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

/** One sum over the files that make latents. */
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
