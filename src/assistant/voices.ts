import { unknownVoice } from '../engines/tts/speech-errors.js';
import type { TextToSpeech } from '../engines/tts/text-to-speech.js';
import { VOICE_ALIASES } from './voice-aliases.js';

/** The voice that a caller's name means. Throws AppError 400 for a name that no engine has, with those there are. */
export function resolveVoice(asked: string, engines: readonly TextToSpeech[]): string {
  const known = [...new Set(engines.flatMap((engine) => engine.voices))];
  const voice = VOICE_ALIASES.get(asked) ?? asked;
  if (!known.includes(voice)) throw unknownVoice(asked, known);
  return voice;
}

/** `voice` where the engine has it, else nothing: its own default speaks. */
export function voiceOf(engine: TextToSpeech, voice: string | undefined): { voice?: string } {
  return voice !== undefined && engine.voices.includes(voice) ? { voice } : {};
}
