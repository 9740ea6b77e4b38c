import { displayForm, subtitleLine } from '../egyptian/transcripts.js';

/** What is shown at once, and when, in seconds. */
export interface Cue {
  start: number;
  end: number;
  /** One line, or several. */
  text: string | readonly string[];
  /** Who speaks; absent when unknown. */
  speaker?: string;
}

/** Players do not show a cue without length. */
const SHORTEST_CUE_MS = 1;
const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;

/** The SubRip file of a transcript. Direction marks keep Arabic in order in players that guess the direction. */
export function subRip(cues: readonly Cue[]): string {
  return shown(cues)
    .map(
      ({ startMs, endMs, text, speaker }, index) =>
        `${index + 1}\n${time(startMs, ',')} --> ${time(endMs, ',')}\n${speaker === '' ? '' : `${speaker}: `}${text}\n\n`,
    )
    .join('');
}

/** The WebVTT file of a transcript. */
export function webVtt(cues: readonly Cue[]): string {
  const body = shown(cues).map(({ startMs, endMs, text, speaker }) => {
    const voice = speaker === '' ? '' : `<v ${escaped(speaker)}>`;
    return `${time(startMs, '.')} --> ${time(endMs, '.')}\n${voice}${escaped(text)}\n\n`;
  });
  return `WEBVTT\n\n${body.join('')}`;
}

interface ShownCue {
  startMs: number;
  endMs: number;
  /** Lines that are not empty, each with its direction marks. */
  text: string;
  /** Empty when unknown. */
  speaker: string;
}

function shown(cues: readonly Cue[]): ShownCue[] {
  return cues
    .map(({ start, end, text, speaker = '' }) => {
      const startMs = Math.max(0, Math.round(start * MS_PER_SECOND));
      const endMs = Math.max(startMs + SHORTEST_CUE_MS, Math.round(end * MS_PER_SECOND));
      const lines = [text].flat().map(subtitleLine);
      return { startMs, endMs, text: lines.filter(Boolean).join('\n'), speaker: displayForm(speaker) };
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
