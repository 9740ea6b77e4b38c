import { invalidRequest, type AppError } from '../../lib/errors.js';

const NOTHING_TO_SAY = 'nothing_to_say';

/** 400: the voice can speak no letter or digit of the text. */
export function nothingToSay(): AppError {
  return invalidRequest(
    'There is nothing to say: the text has no letter or digit that the voice can speak.',
    {
      param: 'text',
      code: NOTHING_TO_SAY,
    },
  );
}

export function isNothingToSay(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NOTHING_TO_SAY;
}

/** A 404 error whose message lists the known voices. */
export function unknownVoice(voice: string, known: readonly string[]): AppError {
  const named = voice.length > 40 ? `${voice.slice(0, 40)}…` : voice;
  return invalidRequest(`There is no voice '${named}'. Known voices: ${known.join(', ')}.`, {
    status: 404,
    param: 'voice',
    code: 'voice_not_found',
  });
}
