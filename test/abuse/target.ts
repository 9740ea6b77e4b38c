import { fileURLToPath } from 'node:url';

export const MODELS = fileURLToPath(new URL('../../../shared/models', import.meta.url));

/** The service that is attacked: real hearing, a voice that needs no model, and so little to say that it is the edge that is tried. */
export const TARGET: Record<string, string> = {
  MODEL_SOURCE: MODELS,
  PROFILE: 'lite',
  TTS_MODEL: 'espeak',
  // Refused at the door, a call would try nothing behind it; and kills are counted in calls that were taken.
  MAX_WAITING: '10',
  // Run from its sources the model process is larger than the profile allows.
  CHILD_MEMORY_LIMIT_MB: '1000',
};
