import { subtitleLine } from '../egyptian/transcripts.js';

/** A piece of text and when it is said, in seconds. */
export interface Cue {
  start: number;
  end: number;
  text: string;
}

/** Players do not show a cue without length. */
const SHORTEST_CUE_MS = 1;
const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;

/** The SubRip file of a transcript. Direction marks keep Arabic in order in players that guess the direction. */
export function subRip(cues: readonly Cue[]): string {
  return shown(cues)
    .map(
      ({ startMs, endMs, text }, index) =>
        `${index + 1}\n${time(startMs, ',')} --> ${time(endMs, ',')}\n${text}\n\n`,
    )
    .join('');
}

/** The WebVTT file of a transcript. */
export function webVtt(cues: readonly Cue[]): string {
  const body = shown(cues).map(
    ({ startMs, endMs, text }) => `${time(startMs, '.')} --> ${time(endMs, '.')}\n${escaped(text)}\n\n`,
  );
  return `WEBVTT\n\n${body.join('')}`;
}

function shown(cues: readonly Cue[]): { startMs: number; endMs: number; text: string }[] {
  return cues
    .map(({ start, end, text }) => {
      const startMs = Math.max(0, Math.round(start * MS_PER_SECOND));
      const endMs = Math.max(startMs + SHORTEST_CUE_MS, Math.round(end * MS_PER_SECOND));
      return { startMs, endMs, text: subtitleLine(text) };
    })
    .filter(({ text }) => text !== '');
}

/** HH:MM:SS and milliseconds, as both formats require; `mark` separates the milliseconds. */
function time(milliseconds: number, mark: ',' | '.'): string {
  const seconds = Math.floor(milliseconds / MS_PER_SECOND);
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  const parts = [Math.floor(minutes / 60), minutes % 60, seconds % SECONDS_PER_MINUTE];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}${mark}${String(milliseconds % MS_PER_SECOND).padStart(3, '0')}`;
}

/** Escapes markup and arrows for WebVTT. SubRip has no escapes. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
