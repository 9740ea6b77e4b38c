export const OUTPUT_FORMATS = ['wav', 'mp3', 'opus', 'aac', 'flac', 'pcm'] as const;

/** `opus` is Ogg Opus, `aac` is ADTS, `pcm` is s16le mono without a header; all are 24 kHz unless asked otherwise. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const CONTENT_TYPES: Record<OutputFormat, string> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  opus: 'audio/ogg; codecs=opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  pcm: 'audio/pcm',
};
