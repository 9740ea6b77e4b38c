/** A piece of text with its time, in milliseconds from the start of the dictation. */
export interface Cue {
  startMs: number;
  endMs: number;
  text: string;
}

/** Two lines of 42 characters, the usual limit of subtitles. */
const MOST_CHARACTERS = 84;
const SHORTEST_MS = 500;

/** Cuts long cues between words; each part gets the share of the time that its characters are. */
export function readableCues(cues: readonly Cue[]): Cue[] {
  return cues.flatMap((cue) => {
    const parts = partsOf(cue.text);
    const characters = parts.reduce((sum, part) => sum + part.length, 0);
    const length = Math.max(SHORTEST_MS, cue.endMs - cue.startMs);
    let startMs = cue.startMs;
    return parts.map((text) => {
      const part = { startMs, endMs: startMs + Math.round((length * text.length) / characters), text };
      startMs = part.endMs;
      return part;
    });
  });
}

export function toSrt(cues: readonly Cue[]): string {
  return readableCues(cues)
    .map((cue, index) => `${index + 1}\n${range(cue, ',')}\n${cue.text}\n`)
    .join('\n');
}

export function toVtt(cues: readonly Cue[]): string {
  const blocks = readableCues(cues).map((cue) => `${range(cue, '.')}\n${escaped(cue.text)}\n`);
  return ['WEBVTT\n', ...blocks].join('\n');
}

function partsOf(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const parts: string[] = [];
  for (const word of words) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= MOST_CHARACTERS)
      parts[parts.length - 1] = `${last} ${word}`;
    else parts.push(word);
  }
  return parts;
}

function range({ startMs, endMs }: Cue, point: ',' | '.'): string {
  return `${timestamp(startMs, point)} --> ${timestamp(endMs, point)}`;
}

function timestamp(milliseconds: number, point: string): string {
  const whole = Math.max(0, Math.round(milliseconds));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = String(whole % 1_000).padStart(3, '0');
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1_000) % 60)}${point}${rest}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
