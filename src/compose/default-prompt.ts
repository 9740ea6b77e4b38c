import type { Config } from '../config/load-config.js';

/** The prompt of calls that give none: only Whisper takes one. */
export function defaultPrompt(config: Pick<Config, 'STT_MODEL' | 'WHISPER_PROMPT'>): string {
  return config.STT_MODEL === 'whisper' ? config.WHISPER_PROMPT : '';
}
