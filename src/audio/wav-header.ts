/** WAVE format tags that this service reads without ffmpeg, or writes. */
export const PCM_TAG = 1;
const EXTENSIBLE_TAG = 0xfffe;
/** Value of length fields while the length of a stream is unknown. */
const UNKNOWN_LENGTH = 0xffffffff;
/** Recorders that write to a pipe store a value near 2 GiB. */
const STREAMING_LENGTH = 0x7fff0000;
const HEADER_LENGTH = 44;

export interface WavLayout {
  formatTag: number;
  channels: number;
  sampleRate: number;
  bitsPerSample: number;
  /** Bytes of one sample of every channel. */
  blockAlign: number;
  dataOffset: number;
  /** Bytes of samples in the file, in whole blocks. */
  dataBytes: number;
  /** True when the header announces more than the file holds, so the end is missing. */
  truncated: boolean;
}

/** Sample rates of real recordings, in Hz. Other values are damage. */
const MIN_SAMPLE_RATE = 2_000;
const MAX_SAMPLE_RATE = 768_000;
const MAX_RECORDED_CHANNELS = 8;

/**
 * Reads the layout of a little-endian RIFF/WAVE file from its first bytes. Length fields are limited by the file's real
 * size; 0, 0xFFFFFFFF and similar values mean "until the end". If format fields contradict each other, the value that
 * two of them agree on is used. Null for another format, a broken file, or a data chunk that does not begin within
 * `head`.
 */
export function parseWavHeader(head: Uint8Array, fileSize: number): WavLayout | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 12 || chunkId(view, 0) !== 'RIFF' || chunkId(view, 8) !== 'WAVE') return null;
  let format: ReturnType<typeof readFormat> = null;
  for (let offset = 12; offset + 8 <= head.length;) {
    const id = chunkId(view, offset);
    const size = view.getUint32(offset + 4, true);
    const body = offset + 8;
    if (id === 'data')
      return format && { ...format, ...readDataExtent(body, size, fileSize, format.blockAlign) };
    if (id === 'fmt ') format = readFormat(view, body, size);
    // Chunks begin at even offsets.
    offset = body + size + (size % 2);
  }
  return null;
}

/** The 44 bytes before 16-bit mono samples. Without `dataBytes` it is the header of a stream, with the length fields all ones. */
export function wavHeader(sampleRate: number, dataBytes?: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(HEADER_LENGTH));
  writeAscii(header, 0, 'RIFF');
  header.setUint32(4, dataBytes === undefined ? UNKNOWN_LENGTH : HEADER_LENGTH - 8 + dataBytes, true);
  writeAscii(header, 8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, PCM_TAG, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, sampleRate, true);
  header.setUint32(28, sampleRate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  writeAscii(header, 36, 'data');
  header.setUint32(40, dataBytes ?? UNKNOWN_LENGTH, true);
  return new Uint8Array(header.buffer);
}

function readFormat(view: DataView, offset: number, size: number) {
  if (size < 16 || offset + size > view.byteLength) return null;
  const tag = view.getUint16(offset, true);
  const format = reconciled(
    {
      // The extensible form keeps the real tag at the start of its sub-format GUID.
      formatTag: tag === EXTENSIBLE_TAG && size >= 40 ? view.getUint16(offset + 24, true) : tag,
      channels: view.getUint16(offset + 2, true),
      sampleRate: view.getUint32(offset + 4, true),
      blockAlign: view.getUint16(offset + 12, true),
      bitsPerSample: view.getUint16(offset + 14, true),
    },
    view.getUint32(offset + 8, true),
  );
  return format.channels > 0 && format.sampleRate > 0 && format.blockAlign > 0 ? format : null;
}

type Format = Pick<WavLayout, 'formatTag' | 'channels' | 'sampleRate' | 'blockAlign' | 'bitsPerSample'>;

/** Some fields of a PCM format follow from others, so a wrong one can be corrected. */
function reconciled(format: Format, byteRate: number): Format {
  const sampleBytes = format.bitsPerSample / 8;
  if (format.formatTag !== PCM_TAG || !Number.isInteger(sampleBytes) || sampleBytes === 0) return format;
  let { channels, blockAlign, sampleRate } = format;
  // The caller rejects a file with this many channels, whatever its other fields say.
  if (channels > MAX_RECORDED_CHANNELS) return format;
  if (!isRecordingRate(sampleRate) && isRecordingRate(byteRate / blockAlign))
    sampleRate = byteRate / blockAlign;
  if (channels * sampleBytes !== blockAlign) {
    const agreed = byteRate === sampleRate * blockAlign && blockAlign % sampleBytes === 0;
    if (agreed && blockAlign > 0) channels = blockAlign / sampleBytes;
    else blockAlign = channels * sampleBytes;
  }
  return { ...format, channels, blockAlign, sampleRate };
}

function isRecordingRate(rate: number): boolean {
  return Number.isInteger(rate) && rate >= MIN_SAMPLE_RATE && rate <= MAX_SAMPLE_RATE;
}

function readDataExtent(dataOffset: number, declared: number, fileSize: number, blockAlign: number) {
  const available = Math.max(0, fileSize - dataOffset);
  const streaming = declared === 0 || declared >= STREAMING_LENGTH;
  const bytes = streaming ? available : Math.min(declared, available);
  return {
    dataOffset,
    dataBytes: bytes - (bytes % blockAlign),
    truncated: !streaming && declared > available,
  };
}

function chunkId(view: DataView, offset: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + offset, 4));
}

function writeAscii(view: DataView, offset: number, text: string): void {
  for (let index = 0; index < text.length; index++) view.setUint8(offset + index, text.charCodeAt(index));
}
