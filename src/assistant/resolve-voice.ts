import { unknownVoice } from '../engines/tts/speech-errors.js';
import type { TextToSpeech } from '../engines/tts/text-to-speech.js';
import { VOICE_ALIASES } from './voice-aliases.js';

/** Whether this is the id of a cloned voice, whatever the engines can do with it. */
export type IsClonedVoice = (voice: string) => Promise<boolean>;

/**
 * The voice that a caller's name means; the default one for a name of another service where no engine has its like.
 * Rejects with AppError 404 for a name that is neither an engine's nor a cloned voice's, with those there are.
 */
export async function resolveVoice(
  asked: string,
  engines: readonly TextToSpeech[],
  isClonedVoice: IsClonedVoice | undefined,
): Promise<string> {
  const voice = VOICE_ALIASES.get(asked) ?? asked;
  // First, since an engine that is off cannot say which cloned voices there are.
  if (await isClonedVoice?.(voice)) return voice;
  for (const engine of engines) if (await speaksAs(engine, voice)) return voice;
  if (VOICE_ALIASES.has(asked)) return 'default';
  throw unknownVoice(asked, [...new Set(engines.flatMap((engine) => engine.voices))]);
}

/** `voice` where the engine has it, else nothing: its own default speaks. */
export async function voiceOf(engine: TextToSpeech, voice: string | undefined): Promise<{ voice?: string }> {
  return voice !== undefined && (await speaksAs(engine, voice)) ? { voice } : {};
}

async function speaksAs(engine: TextToSpeech, voice: string): Promise<boolean> {
  return engine.voices.includes(voice) || ((await engine.hasVoice?.(voice)) ?? false);
}
