import type { SpeechOptions, TextToSpeech } from '../engines/tts/text-to-speech.js';
import { samplingNames } from './sampling.js';

const MAX_CHARACTERS_NAMED = 20;

/** What there is to tell about one speech, collected while it is made. */
export interface SpeechFacts {
  /** Engines that were wanted first and could not speak, and why. */
  refused: { engine: string; reason: string }[];
  /** What speaks, once there is audio. */
  engine: TextToSpeech | undefined;
  /** As the caller asked, not the configured defaults. */
  asked: SpeechOptions;
  /** The voice that the engine was told to take; undefined for its own default. */
  voice: string | undefined;
  unspoken: Set<string>;
  /** What the engine itself had to say. */
  reported: Set<string>;
  /** Clauses without a single character that the engine can say. */
  silentClauses: number;
}

/** Plain sentences for the caller. */
export function speechWarnings(facts: SpeechFacts): string[] {
  const { refused, engine, asked, unspoken, reported, silentClauses } = facts;
  const warnings: string[] = [];
  if (engine && refused.length > 0) {
    const wanted = refused.map(
      ({ engine: id, reason }) => `${id} could not speak (${reason.replace(/\.$/, '')})`,
    );
    warnings.push(`The voice engine ${wanted.join(' and ')}, so ${engine.id} speaks instead.`);
  }
  if (engine) {
    if (facts.voice === undefined) warnings.push(...voiceWarnings(engine, asked.voice));
    warnings.push(...speedWarnings(engine, asked.speed), ...samplingWarnings(engine, asked));
  }
  warnings.push(...reported);
  if (unspoken.size > 0) warnings.push(unspokenWarning([...unspoken]));
  if (silentClauses > 0) {
    warnings.push(
      `Left out, because the voice has no sound for any of it: ${count(silentClauses, 'clause')} of the text.`,
    );
  }
  return warnings;
}

function voiceWarnings({ id, voices }: TextToSpeech, asked: string | undefined): string[] {
  if (asked === undefined || asked === 'default') return [];
  const why = voices.length === 1 ? 'has one voice only' : `has no voice '${asked}'`;
  return [`The voice engine ${id} ${why}, so '${asked}' was not followed.`];
}

function speedWarnings({ id, capabilities: { speed } }: TextToSpeech, asked = 1): string[] {
  if (!speed)
    return asked === 1
      ? []
      : [`The voice engine ${id} has one pace only, so speed ${asked} was not followed.`];
  if (asked < speed.slowest)
    return [
      `The voice engine ${id} speaks no slower than ${speed.slowest.toFixed(2)}, so it speaks at that speed.`,
    ];
  if (asked > speed.fastest)
    return [
      `The voice engine ${id} speaks no faster than ${speed.fastest.toFixed(2)}, so it speaks at that speed.`,
    ];
  return [];
}

function samplingWarnings({ id, capabilities }: TextToSpeech, asked: SpeechOptions): string[] {
  const fields = capabilities.sampling ? [] : samplingNames(asked);
  if (fields.length === 0) return [];
  const verb = fields.length === 1 ? 'was' : 'were';
  return [
    `The voice engine ${id} says a text in one way only, so ${fields.join(', ')} ${verb} not followed.`,
  ];
}

function unspokenWarning(characters: string[]): string {
  const named = characters.slice(0, MAX_CHARACTERS_NAMED).join(' ');
  const more =
    characters.length > MAX_CHARACTERS_NAMED ? ` and ${characters.length - MAX_CHARACTERS_NAMED} more` : '';
  return `The voice has no sound for these characters, which were left out: ${named}${more}`;
}

function count(amount: number, noun: string): string {
  return amount === 1 ? `1 ${noun}` : `${amount} ${noun}s`;
}
