import type { XttsOptions } from '../protocol.js';
import { unusableFile } from '../unusable-file.js';
import { readModelFolder } from './model-folder.js';
import { longestAudio, longestText } from './prompt.js';
import { openDecoder } from './speech-decoder.js';
import { TextTokenizer } from './text-tokenizer.js';
import { checkVoiceEncoders } from './voice-encoder.js';
import { openVocoder } from './vocoder.js';
import { XttsEngine } from './xtts-engine.js';

/**
 * Loads XTTS v2 from disk. Every graph runs once, so a file that is missing, broken or from another model fails here,
 * with its name. The encoders of voices are tested and released again, because few requests need them.
 */
export async function loadXtts(options: XttsOptions): Promise<XttsEngine> {
  const folder = await readModelFolder(options);
  if (longestText(folder) < 1 || longestAudio(folder) < 1) {
    throw unusableFile(
      'embeddings/text_pos_embedding.npy',
      new RangeError('it or embeddings/mel_pos_embedding.npy has too few rows'),
    );
  }
  const { embeddingWidth } = await checkVoiceEncoders(options, folder);
  const decoder = await openDecoder(options, folder);
  try {
    const vocoder = await openVocoder(options, folder, embeddingWidth);
    const tokenizer = new TextTokenizer(folder.vocabulary);
    return new XttsEngine({ folder, decoder, vocoder, tokenizer, embeddingWidth }, options);
  } catch (error) {
    await decoder.release();
    throw error;
  }
}
