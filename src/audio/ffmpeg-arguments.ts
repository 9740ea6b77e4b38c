import type { OutputFormat } from './output-format.js';
import type { Container } from './sniff.js';

const DEMUXERS: Record<Container, string> = {
  wav: 'wav',
  w64: 'w64',
  mp3: 'mp3',
  ogg: 'ogg',
  flac: 'flac',
  webm: 'matroska',
  mp4: 'mov',
  amr: 'amr',
  caf: 'caf',
  aiff: 'aiff',
  aac: 'aac',
  mpeg: 'mpeg',
  ts: 'mpegts',
  au: 'au',
  wma: 'asf',
};

/** Audio only: most security holes of a full build are in its video and subtitle decoders. */
const DECODERS = [
  ...['aac', 'aac_latm', 'alac', 'amrnb', 'amrwb', 'libopencore_amrnb', 'libopencore_amrwb', 'flac'],
  ...[
    'mp1',
    'mp1float',
    'mp2',
    'mp2float',
    'mp3',
    'mp3float',
    'opus',
    'libopus',
    'vorbis',
    'libvorbis',
    'speex',
    'libspeex',
  ],
  ...['pcm_alaw', 'pcm_mulaw', 'pcm_s8', 'pcm_u8', 'pcm_s16be', 'pcm_s16le', 'pcm_s24be', 'pcm_s24le'],
  ...['pcm_s32be', 'pcm_s32le', 'pcm_f32be', 'pcm_f32le', 'pcm_f64be', 'pcm_f64le'],
  ...['adpcm_ima_qt', 'adpcm_ima_wav', 'adpcm_ms', 'gsm', 'gsm_ms', 'libgsm', 'libgsm_ms'],
  ...['wmav1', 'wmav2', 'wmapro', 'wmavoice'],
].join(',');

const QUIET = ['-nostdin', '-hide_banner', '-nostats', '-threads', '1'];

export interface DecodeRequest {
  container: Container;
  /** Audio track, from 0. */
  track: number;
  /** Interleaved channels of the output. */
  channels: number;
  sampleRate: number;
  /** Treat everything after a WAV's header as samples, whatever length the header announces. */
  ignoreLength?: boolean;
}

/**
 * Decodes one track of a private file to interleaved float32 samples. Only the demuxer of the detected format is
 * allowed, so that no content (a playlist, a script) can make ffmpeg open a second file. No length is given: times in a
 * file can be wrong, so the reader counts samples and stops the process. `-loglevel info` lists the tracks before
 * decoding.
 */
export function decodeArguments({ container, track, channels, sampleRate, ignoreLength }: DecodeRequest) {
  const demuxer = DEMUXERS[container];
  return {
    inputOptions: [
      ...QUIET,
      ...['-loglevel', 'repeat+level+info', '-protocol_whitelist', 'file', '-format_whitelist', demuxer],
      ...['-codec_whitelist', DECODERS, ...(ignoreLength ? ['-ignore_length', '1'] : []), '-f', demuxer],
    ],
    outputOptions: [
      ...['-map', `0:a:${track}`, '-vn', '-sn', '-dn', '-map_metadata', '-1'],
      ...['-ac', String(channels), '-ar', String(sampleRate)],
      // Without a limit, float output mixes two equal channels 3 dB too loud.
      ...['-rematrix_maxval', '1', '-f', 'f32le'],
    ],
  };
}

/** Lists the tracks of a private file in the log and decodes no more than one frame. */
export function describeArguments(container: Container) {
  const { inputOptions, outputOptions } = decodeArguments({
    container,
    track: 0,
    channels: 1,
    sampleRate: 16_000,
  });
  return { inputOptions, outputOptions: [...outputOptions, '-frames:a', '1'] };
}

/** The output formats that ffmpeg makes. */
export type EncodedFormat = Exclude<OutputFormat, 'wav' | 'pcm'>;

interface EncoderChoice {
  encoder: string;
  options: readonly string[];
}

/** Settings for one voice. Bytes are written with each frame instead of once per second. */
export const ENCODERS: Record<EncodedFormat, EncoderChoice> = {
  mp3: {
    encoder: 'libmp3lame',
    options: ['-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'],
  },
  opus: {
    encoder: 'libopus',
    options: ['-b:a', '32k', '-application', 'voip', '-page_duration', '20000', '-f', 'ogg'],
  },
  aac: { encoder: 'aac', options: ['-b:a', '64k', '-f', 'adts'] },
  flac: { encoder: 'flac', options: ['-frame_size', '1152', '-metadata_header_padding', '0', '-f', 'flac'] },
};

/** Encodes 16-bit mono samples from stdin, writing out each packet as it is made. */
export function encodeArguments(format: EncodedFormat, sampleRate: number) {
  const { encoder, options } = ENCODERS[format];
  return {
    inputOptions: [
      ...QUIET.filter((option) => option !== '-nostdin'),
      ...['-loglevel', 'repeat+level+error', '-protocol_whitelist', 'pipe'],
      ...['-probesize', '32', '-analyzeduration', '0', '-f', 's16le', '-ar', String(sampleRate), '-ac', '1'],
    ],
    outputOptions: ['-map_metadata', '-1', '-c:a', encoder, '-flush_packets', '1', ...options],
  };
}
