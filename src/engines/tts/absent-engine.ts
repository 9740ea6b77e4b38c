import { unavailable } from '../../lib/errors.js';
import type { TextToSpeech } from './text-to-speech.js';

const RETRY_AFTER_MS = 60_000;

/** Stands where a wanted engine is not part of this build, so that callers are told why another one speaks. */
export function createAbsentEngine(id: string, reason: string): TextToSpeech {
  return {
    id,
    voices: ['default'],
    capabilities: { speed: null, maxCharacters: Number.MAX_SAFE_INTEGER },
    unavailableReason: () => reason,
    synthesize: () => Promise.reject(unavailable(reason, RETRY_AFTER_MS)),
  };
}
