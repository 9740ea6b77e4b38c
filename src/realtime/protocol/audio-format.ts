/** The formats of the protocol: 16-bit little-endian at 24 kHz, and the two companded formats of telephony at 8 kHz. */
export type AudioFormat =
  { type: 'audio/pcm'; rate: 24_000 } | { type: 'audio/pcmu' } | { type: 'audio/pcma' };

export const PCM_RATE = 24_000;
const TELEPHONE_RATE = 8_000;

/** Hz. */
export function sampleRateOf({ type }: AudioFormat): number {
  return type === 'audio/pcm' ? PCM_RATE : TELEPHONE_RATE;
}

export function bytesPerSample({ type }: AudioFormat): 1 | 2 {
  return type === 'audio/pcm' ? 2 : 1;
}
