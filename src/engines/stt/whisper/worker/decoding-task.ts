import type { TranscribeOptions } from '../../speech-to-text.js';
import type { DecodingTask } from './decode-text.js';
import type { ModelSettings } from './model-settings.js';
import type { Vocabulary } from './vocabulary.js';

/** openai's decoder gives the text half of the positions and the prompt what is left beside the start tokens. */
const LARGEST_TOKEN_COUNT = 224;
/** More than anybody speaks, so that only a loop meets it. */
const TOKENS_PER_SECOND = 14;
const SPARE_TOKENS = 16;

/** What the decoder is told about a window. */
export function taskFor(
  { vocabulary, settings }: { vocabulary: Vocabulary; settings: ModelSettings },
  options: TranscribeOptions,
  seconds: number,
): DecodingTask {
  const timestamps = options.timestamps !== 'none';
  const style = styleTokens(vocabulary, settings, options.prompt);
  const language = vocabulary.language(options.language);
  const languageAndTask =
    settings.multilingual && language !== undefined ? [language, vocabulary.transcribe] : [];
  return {
    prompt: [
      ...style,
      vocabulary.startOfTranscript,
      ...languageAndTask,
      ...(timestamps ? [] : [vocabulary.noTimestamps]),
    ],
    startIndex: style.length,
    timestamps,
    tokenLimit: Math.min(
      LARGEST_TOKEN_COUNT,
      settings.targetPositions / 2,
      Math.ceil(SPARE_TOKENS + TOKENS_PER_SECOND * seconds),
    ),
    tokens: vocabulary,
    settings,
  };
}

/** The end of the prompt is nearest to the text, so that is what is kept of a long one. */
function styleTokens(vocabulary: Vocabulary, settings: ModelSettings, prompt = ''): number[] {
  if (prompt.trim() === '') return [];
  const words = vocabulary.encode(` ${prompt.trim()}`).filter((token) => token < vocabulary.endOfText);
  return [vocabulary.startOfPrevious, ...words.slice(-(settings.targetPositions / 2 - 1))];
}
