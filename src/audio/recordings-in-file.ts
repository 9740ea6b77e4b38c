/* eslint-disable no-control-regex -- the signatures of file formats hold control characters */
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { id3Length, type Container } from './sniff.js';

/** One recording in a file: the bytes from `start` up to `end`. */
export interface RecordingRange {
  start: number;
  end: number;
}

interface Signature {
  /** Literal to search for, in Latin-1, and its offset in a recording. */
  literal: string;
  offset: number;
  /** What the first bytes of a recording look like. Long enough that compressed sound does not match by chance. */
  head: RegExp;
}

/**
 * Signatures at the start of each kind of recording. When a program joins recordings byte by byte, these signatures are
 * in the middle of the file, where ffmpeg ignores them or reports damage. Transport and program streams have no
 * signature and need none.
 */
const SIGNATURES: Partial<Record<Container, Signature>> = {
  wav: { literal: 'WAVE', offset: 8, head: /^(RIFF|RIFX|RF64|BW64)[^]{4}WAVE/ },
  aiff: { literal: 'FORM', offset: 0, head: /^FORM[^]{4}AIF[FC]/ },
  caf: { literal: 'caff', offset: 0, head: /^caff\0[\x01\x02]\0\0desc/ },
  au: { literal: '.snd', offset: 0, head: /^\.snd\0\0[\0-\x0f][^]{5}\0\0\0[\x01-\x1b]/ },
  w64: { literal: 'riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0', offset: 0, head: /^riff/ },
  flac: { literal: 'fLaC', offset: 0, head: /^fLaC[\0\x80]\0\0\x22/ },
  amr: { literal: '#!AMR', offset: 0, head: /^#!AMR(-WB)?\n/ },
  mp4: { literal: 'ftyp', offset: 4, head: /^\0\0\0[\x10-\x7c]ftyp[ -~]{4}/ },
  webm: {
    literal: '\x1a\x45\xdf\xa3',
    offset: 0,
    head: /^\x1a\x45\xdf\xa3[^]{0,48}\x42\x82[^](webm|matroska)/,
  },
  wma: { literal: '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c', offset: 0, head: /^0&/ },
  // A first page of a stream, at position zero of its sound.
  ogg: { literal: 'OggS\0\x02\0\0\0\0\0\0\0\0', offset: 0, head: /^OggS/ },
  // Only the tag marks a start; frames without a tag are decoded together.
  mp3: { literal: 'ID3', offset: 0, head: /^ID3[\x02-\x04][\0-\x0f][\0-\xf0][\0-\x7f]{4}/ },
  aac: { literal: 'ID3', offset: 0, head: /^ID3[\x02-\x04][\0-\x0f][\0-\xf0][\0-\x7f]{4}/ },
};

const SLICE_LENGTH = 1024 * 1024;
const HEAD_LENGTH = 80;
/** An Ogg file with several streams begins with the first pages of all streams. */
const OGG_FIRST_PAGES = 512;
/** Most recordings in one file. Further ones are not decoded. */
export const MAX_RECORDINGS = 16;

/** The recordings in a file, in order. `more` is true when there are more than `MAX_RECORDINGS`. */
export async function findRecordings(
  file: FileHandle,
  size: number,
  container: Container,
  signal: AbortSignal,
): Promise<{ ranges: RecordingRange[]; more: boolean }> {
  const whole = { ranges: [{ start: 0, end: size }], more: false };
  const signature = SIGNATURES[container];
  if (!signature) return whole;
  const begins = await beginningsOf(file, size, signature, signal);
  const starts = [0, ...begins.filter((start) => start > 0)];
  const ranges = starts.map((start, index) => ({ start, end: starts[index + 1] ?? size }));
  const recordings = await withoutRemnants(file, ranges, container);
  if (recordings.length <= MAX_RECORDINGS) return { ranges: recordings, more: false };
  // A stream in packets has a tag before each packet, but it is one recording.
  if (container === 'mp3' || container === 'aac') return whole;
  return { ranges: recordings.slice(0, MAX_RECORDINGS), more: true };
}

/** Positions of the signature in the file, at most a few more than the recordings that are used. */
async function beginningsOf(
  file: FileHandle,
  size: number,
  { literal, offset, head }: Signature,
  signal: AbortSignal,
): Promise<number[]> {
  const found: number[] = [];
  const buffer = Buffer.alloc(SLICE_LENGTH + HEAD_LENGTH);
  for (let position = 0; position < size && found.length <= 4 * MAX_RECORDINGS; position += SLICE_LENGTH) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    const slice = buffer.subarray(0, bytesRead);
    let at = slice.indexOf(literal, 0, 'latin1');
    for (; at >= 0; at = slice.indexOf(literal, at + 1, 'latin1')) {
      const start = at - offset;
      if (start < 0 || start >= SLICE_LENGTH || found.length > 4 * MAX_RECORDINGS) continue;
      if (head.test(slice.toString('latin1', start, start + HEAD_LENGTH))) found.push(position + start);
    }
    await nextTurn();
  }
  return found;
}

/** Joins ranges that are only a tag, or one of several first pages of an Ogg file, with the recording after them. */
async function withoutRemnants(
  file: FileHandle,
  ranges: readonly RecordingRange[],
  container: Container,
): Promise<RecordingRange[]> {
  const kept: RecordingRange[] = [];
  let from: number | null = null;
  for (const { start, end } of ranges) {
    const first: number = from ?? start;
    from = null;
    if (await isRemnant(file, { start, end }, container)) from = first;
    else kept.push({ start: first, end });
  }
  const last = kept.at(-1);
  if (from !== null && last) last.end = ranges.at(-1)?.end ?? last.end;
  else if (from !== null) kept.push({ start: from, end: ranges.at(-1)?.end ?? from });
  return kept;
}

async function isRemnant(file: FileHandle, { start, end }: RecordingRange, container: Container) {
  if (container === 'ogg') return end - start < OGG_FIRST_PAGES;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(10), 0, 10, start);
  const tag = id3Length(buffer.subarray(0, bytesRead));
  return tag > 0 && tag >= end - start;
}
