/** What ffmpeg says about its input before it decodes (log level info, with the level in front of each line). */
export class InputDescription {
  /** Length by the container's own header; null where it has none or ffmpeg only guessed it from the bit rate. */
  seconds: number | null = null;
  /** Channels of the first audio stream. */
  channels: number | null = null;
  #guessed = false;

  /** Takes one line of the log. */
  read(line: string): void {
    if (line.includes('Estimating duration from bitrate')) this.#guessed = true;
    // Two spaces more than any tag of the file has before its colon: tags cannot pass for these lines.
    const duration = /^\[info\] {3}Duration: (\d+):(\d\d):(\d\d\.\d+),/.exec(line);
    if (duration && !this.#guessed) {
      const [hours = 0, minutes = 0, seconds = 0] = duration.slice(1).map(Number);
      this.seconds ??= hours * 3600 + minutes * 60 + seconds;
    }
    const stream = /^\[info\] {3}Stream #0:\d+\S*: Audio: .*? Hz, ([^,]+)/.exec(line);
    if (stream) this.channels ??= channelsOf(stream[1] ?? '');
  }
}

/** ffmpeg names a layout where it knows one: `stereo`, `5.1(side)`, `7.1.4`, `12 channels`. */
function channelsOf(layout: string): number | null {
  const counted = /^(\d+) channels/.exec(layout);
  if (counted) return Number(counted[1]);
  if (/^\d+(\.\d+)+/.test(layout))
    return layout
      .replace(/[^\d.].*/, '')
      .split('.')
      .reduce((sum, part) => sum + Number(part), 0);
  const named: Record<string, number> = {
    mono: 1,
    stereo: 2,
    downmix: 2,
    quad: 4,
    hexagonal: 6,
    octagonal: 8,
    hexadecagonal: 16,
    cube: 8,
  };
  return named[layout.replace(/\W.*/, '')] ?? null;
}

const REASONS: [RegExp, string][] = [
  [/matches no streams|does not contain any stream/, 'it holds no audio track'],
  [/moov atom not found/, 'its index is missing: the recording was not finished, or not uploaded whole'],
  [
    /EBML header parsing failed/,
    "its beginning is missing: send the recorder's first part together with the later ones",
  ],
  [
    /Decoder .* not found|not on whitelist|[Uu]nknown codec|Decoding requested, but no decoder|unsupported codec/i,
    'its audio codec is not supported',
  ],
];

/** Why nothing could be decoded, as the second half of a sentence; paths and addresses never show. */
export function reasonOf(problems: readonly string[]): string {
  const text = problems.join('\n');
  const known = REASONS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? 'its data is damaged, cut off, or not what it claims to be';
}

/** True when the log of a run that did decode something says that not all of it was sound. */
export function tellsOfDamage(problems: readonly string[]): boolean {
  // A video stream whose codec stays shut is logged as a problem and is none.
  return problems.some((line) => !line.includes('not on whitelist'));
}
