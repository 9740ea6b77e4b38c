import {
  ADJECTIVES,
  ALWAYS_INVENTED,
  CAPTIONS,
  CHANNEL_WORDS,
  CREDIT_WORDS,
  ENGLISH_ADJECTIVES,
  ENGLISH_CALL_WORDS,
  THANKS_WORDS,
} from './hallucination-words.js';
import { searchForm } from '../transcripts.js';

/** What is invented: subtitle credits, a channel's phrases, thanks for watching, a sound caption, no words, one word over and over. */
export type InventedKind = 'credit' | 'channel' | 'thanks' | 'caption' | 'no-words' | 'repeated-word';

const TIMES_REPEATED = 6;

/** True when every word belongs to the vocabulary, with or without a و in front. */
function only(words: readonly string[], vocabulary: ReadonlySet<string>): boolean {
  return words.every(
    (word) => vocabulary.has(word) || (word.startsWith('و') && vocabulary.has(word.slice(1))),
  );
}

function has(words: readonly string[], pattern: RegExp): boolean {
  return words.some((word) => pattern.test(word));
}

function isCredit(text: string, words: readonly string[]): boolean {
  if (/^(?:تم|تمت) (?:التفريغ|تفريغ|الترجمه|ترجمه) (?:بواسطه|من قبل|من طرف)(?: |$)/u.test(text)) return true;
  const anchored = ALWAYS_INVENTED.some((phrase) => text.includes(phrase)) || text.includes('فريق الترجمه');
  return anchored && only(words, CREDIT_WORDS);
}

function isChannelPhrase(text: string, words: readonly string[]): boolean {
  if (!only(words, CHANNEL_WORDS)) return false;
  const subscribes = has(words, /^و?(?:اشترك|اشتركوا|اشتركي|تشترك|تشتركوا|الاشتراك|بالاشتراك)$/u);
  const forgets = has(words, /^و?(?:تنسوا|تنسو|تنسي|تنس|تنساش|متنسوش|متنساش|ماتنسوش|ماتنساش)$/u);
  if (subscribes && (forgets || has(words, /قناه$|^قناتي$|^قناتنا$|^بقناتنا$/u))) return true;
  if (/(?:فعل|فعلوا|فعلي|تفعيل|بتفعيل|اضغطوا|اضغط) (?:علي )?(?:زر )?(?:ال)?جرس/u.test(text)) return true;
  const likes = has(words, /^و?(?:لايك|اللايك|لايكات|الاعجاب|بالاعجاب|اعجاب)$/u);
  return likes && (subscribes || forgets || has(words, /^و?(?:اضغطوا|اضغط|اعملوا|اعمل|دوسوا|دوس|حطوا|حط)$/u));
}

function isThanksForWatching(words: readonly string[]): boolean {
  const thanks = has(words, /^و?(?:شكرا|الشكر|نشكركم|اشكركم|متشكرين)$/u);
  const watching = has(
    words,
    /^(?:ل|لل|ال|ب|علي)?(?:مشاهده|مشاهدتكم|مشاهدتك|متابعه|متابعتكم|متابعتك|استماعكم)$/u,
  );
  return thanks && watching && only(words, THANKS_WORDS);
}

function isEnglishCall(words: readonly string[]): boolean {
  if (!only(words, ENGLISH_CALL_WORDS)) return false;
  const thanks = has(words, /^(?:thanks|thank)$/) && has(words, /^(?:watching|viewing|following)$/);
  const asks =
    has(words, /^(?:subscribe|subscribing)$/) ||
    (words.includes('like') && has(words, /^(?:share|video|button|comment)$/));
  return thanks || asks;
}

function isCaption(words: readonly string[]): boolean {
  if (words.every((word) => CAPTIONS.has(word))) return true;
  const [first = '', second = ''] = words;
  if (words.length !== 2) return false;
  if (/^[a-z]/.test(second)) return CAPTIONS.has(second) && ENGLISH_ADJECTIVES.has(first);
  return CAPTIONS.has(first) && (ADJECTIVES.has(second) || /^\p{L}{3,}[يئ]ه$/u.test(second));
}

/**
 * Whether the whole text is one that recognisers write on silence or music, by the text alone; undefined for anything a
 * user may say. Case, tashkeel, punctuation and ى/ي, ة/ه do not matter.
 */
export function inventedKind(text: string): InventedKind | undefined {
  const form = searchForm(text)
    .replace(/[\p{S}\p{P}]+/gu, ' ')
    .trim();
  if (!/[\p{L}\p{N}]/u.test(form)) return 'no-words';
  const words = form.split(/\s+/u);
  if (words.length >= TIMES_REPEATED && new Set(words).size === 1) return 'repeated-word';
  const clean = words.join(' ');
  if (isCredit(clean, words)) return 'credit';
  if (isChannelPhrase(clean, words) || isEnglishCall(words)) return 'channel';
  if (isThanksForWatching(words)) return 'thanks';
  return isCaption(words) ? 'caption' : undefined;
}

/** What the engine knows of one segment; values that it does not have are left out. */
export interface SegmentEvidence {
  readonly text: string;
  /** Probability of the no-speech token, 0-1. */
  readonly noSpeechProb?: number | undefined;
  /** Mean log-probability of the tokens. */
  readonly avgLogprob?: number | undefined;
  /** Length of the text over its compressed length. */
  readonly compressionRatio?: number | undefined;
  /** Share of the segment in which the voice detector heard speech, 0-1. */
  readonly speechShare?: number | undefined;
  readonly durationSeconds?: number | undefined;
}

/** Keep the segment, or drop it and say why. */
export type SegmentVerdict =
  | { readonly keep: true }
  | { readonly keep: false; readonly reason: InventedKind | 'no-speech' | 'repetition' };

const WHISPER_NO_SPEECH = 0.6;
const WHISPER_LOW_LOGPROB = -1;
const WHISPER_REPETITIVE = 2.4;
/** Weaker bounds: enough to believe that a known invented phrase was invented. */
const DOUBTFUL = { noSpeechProb: 0.3, avgLogprob: -0.6, speechShare: 0.5, durationSeconds: 1 } as const;
const SILENT_SHARE = 0.02;

function isDoubtful(segment: SegmentEvidence): boolean {
  return (
    (segment.noSpeechProb ?? 0) >= DOUBTFUL.noSpeechProb ||
    (segment.avgLogprob ?? 0) <= DOUBTFUL.avgLogprob ||
    (segment.speechShare ?? 1) <= DOUBTFUL.speechShare ||
    (segment.compressionRatio ?? 0) > WHISPER_REPETITIVE ||
    (segment.durationSeconds ?? Number.POSITIVE_INFINITY) < DOUBTFUL.durationSeconds
  );
}

/**
 * Judges one segment by its text and its sound together. A known invented phrase goes only where the sound is doubtful, so
 * that a user who really says it is heard; credits of subtitles and text without words always go. Any text goes
 * where the sound alone says that nobody spoke (Whisper's own rule, or a voice detector that heard nothing).
 */
export function judgeSegment(segment: SegmentEvidence): SegmentVerdict {
  const kind = inventedKind(segment.text);
  if (kind === 'credit' || kind === 'no-words') return { keep: false, reason: kind };
  const silent = segment.speechShare !== undefined && segment.speechShare <= SILENT_SHARE;
  const unsure = (segment.avgLogprob ?? 0) < WHISPER_LOW_LOGPROB;
  if (silent || (unsure && (segment.noSpeechProb ?? 0) > WHISPER_NO_SPEECH))
    return { keep: false, reason: kind ?? 'no-speech' };
  if (kind !== undefined && isDoubtful(segment)) return { keep: false, reason: kind };
  if (unsure && (segment.compressionRatio ?? 0) > WHISPER_REPETITIVE)
    return { keep: false, reason: 'repetition' };
  return { keep: true };
}
