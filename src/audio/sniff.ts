export type Container =
  | 'wav'
  | 'w64'
  | 'mp3'
  | 'ogg'
  | 'flac'
  | 'webm'
  | 'mp4'
  | 'amr'
  | 'caf'
  | 'aiff'
  | 'aac'
  | 'mpeg'
  | 'ts'
  | 'au'
  | 'wma';

/** The formats that `sniffContainer` knows, for messages to callers. */
export const ACCEPTED_AUDIO =
  'wav, mp3, m4a/mp4/mov/3gp (aac, amr, alac), aac, ogg/opus, webm/mkv, flac, amr, caf, aiff, mpeg, ts, au, wma';

/** Bytes from the start of a file that `sniffContainer` needs. */
export const SNIFF_LENGTH = 4096;

/** The box types an MP4 or QuickTime file can begin with; older recorders write no `ftyp`. */
const MP4_BOXES = new Set(['ftyp', 'styp', 'moov', 'moof', 'mdat', 'free', 'skip', 'wide', 'pnot', 'sidx']);
const W64_RIFF = [
  0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00,
];
/** The header object of an ASF file (Windows Media). */
const ASF = [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0x00, 0xaa, 0x00, 0x62, 0xce, 0x6c];
/** The first pack of an MPEG program stream. */
const MPEG_PACK = [0x00, 0x00, 0x01, 0xba];
const EBML = [0x1a, 0x45, 0xdf, 0xa3];
/** A later part of a MediaRecorder stream without the first part. ffmpeg rejects it with a clear reason. */
const EBML_CLUSTER = [0x1f, 0x43, 0xb6, 0x75];

/**
 * Detects the container format from the first bytes; names and content types are ignored. Null for a format that is not
 * accepted. An ID3 tag is skipped if it ends within `head`; otherwise read again from `id3Length`.
 */
export function sniffContainer(head: Uint8Array): Container | null {
  const tag = id3Length(head);
  // An ID3 tag means MP3 unless the bytes after it are of another format.
  if (tag > 0) return sniffContainer(head.subarray(tag)) ?? 'mp3';
  return sniffMagic(head) ?? sniffTransportStream(head) ?? sniffFrames(head);
}

/** Size in bytes of an ID3v2 tag at the start, including its header; 0 without a tag. */
export function id3Length(head: Uint8Array): number {
  if (head.length < 10 || ascii(head, 0, 3) !== 'ID3') return 0;
  const [flags = 0, ...size] = head.subarray(5, 10);
  if (size.some((byte) => byte > 0x7f)) return 0;
  const length = size.reduce((sum, byte) => sum * 128 + byte, 0);
  const footer = flags & 0x10 ? 10 : 0;
  return 10 + length + footer;
}

function sniffMagic(head: Uint8Array): Container | null {
  const first = ascii(head, 0, 4);
  const form = ascii(head, 8, 4);
  if (/^(RIFF|RIFX|RF64|BW64)$/.test(first) && form === 'WAVE') return 'wav';
  if (first === 'FORM' && (form === 'AIFF' || form === 'AIFC')) return 'aiff';
  if (first === 'OggS') return 'ogg';
  if (first === 'fLaC') return 'flac';
  if (first === 'caff') return 'caf';
  if (startsWith(head, EBML) || startsWith(head, EBML_CLUSTER)) return 'webm';
  if (startsWith(head, W64_RIFF)) return 'w64';
  if (startsWith(head, ASF)) return 'wma';
  if (startsWith(head, MPEG_PACK)) return 'mpeg';
  if (first === '.snd') return 'au';
  if (/^#!AMR(-WB)?\n/.test(ascii(head, 0, 9))) return 'amr';
  return MP4_BOXES.has(ascii(head, 4, 4)) ? 'mp4' : null;
}

/** A transport stream repeats its sync byte every 188 bytes, or 192 with a time stamp in front of each packet. */
function sniffTransportStream(head: Uint8Array): 'ts' | null {
  const repeats = (first: number, length: number): boolean =>
    [0, 1, 2].every((packet) => head[first + packet * length] === 0x47);
  return repeats(0, 188) || repeats(4, 192) ? 'ts' : null;
}

/**
 * MP3 and ADTS have no magic number, only frames that begin with eleven or twelve set bits: the second frame must be
 * where the first one's length says, unless the head ends before it. A recording that was cut at its start begins
 * inside a frame, so there three frames must follow each other.
 */
function sniffFrames(head: Uint8Array): 'mp3' | 'aac' | null {
  let start = 0;
  while (start < head.length && head[start] === 0) start++;
  const kinds = [
    ['mp3', mp3FrameLength],
    ['aac', adtsFrameLength],
  ] as const;
  for (const [container, frameLength] of kinds) {
    const length = frameLength(head, start);
    if (length > 0 && (start + length + 7 > head.length || frameLength(head, start + length) > 0))
      return container;
  }
  for (let offset = start + 1; offset < Math.min(head.length, SNIFF_LENGTH); offset++) {
    if (head[offset] !== 0xff) continue;
    const found = kinds.find(([, frameLength]) => threeFrames(head, offset, frameLength));
    if (found) return found[0];
  }
  return null;
}

type FrameLength = (bytes: Uint8Array, offset: number) => number;

function threeFrames(head: Uint8Array, offset: number, frameLength: FrameLength): boolean {
  let position = offset;
  for (let frame = 0; frame < 3; frame++) {
    const length = frameLength(head, position);
    if (length === 0) return false;
    position += length;
  }
  return true;
}

const MPEG1_KBITS: Record<number, number[]> = {
  1: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
};
const MPEG2_KBITS: Record<number, number[]> = {
  1: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  3: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** Length of the MPEG audio frame whose header is at `offset` (ISO 11172-3, 2.4.1.3); 0 where there is none. */
function mp3FrameLength(bytes: Uint8Array, offset: number): number {
  const [sync = 0, version = 0, rates = 0] = bytes.subarray(offset, offset + 4);
  if (sync !== 0xff || (version & 0xe0) !== 0xe0 || offset + 4 > bytes.length) return 0;
  const mpeg = (version >> 3) & 3;
  const layer = 4 - ((version >> 1) & 3);
  const kbits = (mpeg === 3 ? MPEG1_KBITS : MPEG2_KBITS)[layer]?.[(rates >> 4) - 1];
  const baseRate = [44100, 48000, 32000][(rates >> 2) & 3];
  if (mpeg === 1 || kbits === undefined || baseRate === undefined) return 0;
  const rate = baseRate / (mpeg === 3 ? 1 : mpeg === 2 ? 2 : 4);
  const padding = (rates >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kbits) / rate) + padding) * 4;
  return Math.floor(((layer === 3 && mpeg !== 3 ? 72_000 : 144_000) * kbits) / rate) + padding;
}

/** Length of the ADTS frame whose header is at `offset` (ISO 13818-7, 6.2); 0 where there is none. */
function adtsFrameLength(bytes: Uint8Array, offset: number): number {
  const [sync = 0, flags = 0, profile = 0, high = 0, middle = 0, low = 0] = bytes.subarray(
    offset,
    offset + 7,
  );
  if (sync !== 0xff || (flags & 0xf6) !== 0xf0 || offset + 7 > bytes.length) return 0;
  const rateIndex = (profile >> 2) & 15;
  const length = ((high & 3) << 11) | (middle << 3) | (low >> 5);
  return rateIndex < 13 && length > 7 ? length : 0;
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
