import { unknownVoice } from '../engines/tts/speech-errors.js';
import type { TextToSpeech } from '../engines/tts/text-to-speech.js';
import { VOICE_ALIASES } from './voice-aliases.js';

/** The voice that a caller's name means; the default one for a name of another service where no engine has its like. Rejects with AppError 404 for a name that no engine has, with those there are. */
export async function resolveVoice(asked: string, engines: readonly TextToSpeech[]): Promise<string> {
  const voice = VOICE_ALIASES.get(asked) ?? asked;
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
