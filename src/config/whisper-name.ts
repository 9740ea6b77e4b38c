import { text } from './values.js';

/** Names of Whisper models in older deployments. */
const OLD_NAMES: Record<string, string> = { 'tiny.ar': 'tiny', 'base.ar': 'base', 'small.ar': 'small' };

/** The name of a Whisper model: short, or `owner/name` of a hub repository. */
export const whisperName = text.transform((name) => OLD_NAMES[name] ?? name);
