import { BULLET_JOINT, LINE_JOINT } from './clean/markdown.js';

/** What a stretch of the text is, by its characters alone. */
export type TokenKind =
  | 'number'
  | 'date'
  | 'time'
  | 'phone'
  | 'version'
  | 'fraction-sign'
  | 'arabic'
  | 'abbreviation'
  | 'latin'
  | 'email'
  | 'url'
  | 'mark'
  | 'symbol'
  | 'joint';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Nothing stands between this token and the one before it. */
  readonly glued: boolean;
}

const separated = (digits: string): string => digits.replaceAll('#', '(?:[ -]?[0-9])');
const NOT_MORE = '(?![0-9]|[.,:/][0-9])';

/** In the order in which they are tried; each is bounded or a single run, so that reading is linear. */
const AT_DIGIT: readonly (readonly [TokenKind, RegExp])[] = [
  ['date', /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9-])/y],
  ['date', /[0-9]{1,2}([/-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?![0-9/-])/y],
  ['date', /[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}(?![0-9.])/y],
  ['time', /[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9])/y],
  ['phone', new RegExp(separated(`(?:0020[ -]?0?|0)[ -]?1[ -]?[0125]########${NOT_MORE}`), 'y')],
  ['phone', new RegExp(separated(`20[ -]?1[0125]########${NOT_MORE}`), 'y')],
  ['phone', new RegExp(separated(`(?:0020[ -]?|0[ -]?)[23]\\)?########${NOT_MORE}`), 'y')],
  ['version', /[0-9]+(?:\.[0-9]+){2,}/y],
  ['number', /[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?/y],
  ['number', /[0-9]+(?:\.[0-9]+)?/y],
];
const AT_PLUS: readonly (readonly [TokenKind, RegExp])[] = [
  ['phone', new RegExp(separated(`\\+20[ -]?(?:0[ -]?)?1[0125]########${NOT_MORE}`), 'y')],
  ['phone', new RegExp(separated(`\\+2[ -]?01[0125]########${NOT_MORE}`), 'y')],
  ['phone', new RegExp(separated(`\\+20[ -]?(?:0[ -]?)?[23]########${NOT_MORE}`), 'y')],
  ['phone', /\+[0-9](?:[ -]?[0-9]){6,14}(?![0-9])/y],
];
const TOP_DOMAINS =
  'com|net|org|edu|gov|info|io|co|ai|app|dev|me|tv|biz|shop|site|online|store|xyz|eg|sa|ae|uk|us|eu|de|fr|ly|gg';
const URL_REST = '(?::[0-9]{1,5})?(?:[/?#][^\\s،؛؟"<>«»()\\[\\]{}]*)?';
const LABELS = '[a-z0-9](?:[a-z0-9-]{0,62})(?:\\.[a-z0-9-]{1,63}){1,8}';
const AT_LATIN: readonly (readonly [TokenKind, RegExp])[] = [
  ['email', new RegExp(`[a-z0-9][a-z0-9._%+-]{0,63}@${LABELS}`, 'iy')],
  ['url', /[a-z]{2,10}:\/\/[^\s،؛؟"<>«»()[\]{}]*/iy],
  ['url', new RegExp(`www\\.${LABELS}${URL_REST}`, 'iy')],
  [
    'url',
    new RegExp(`(?:[a-z0-9-]{1,63}\\.){1,4}(?:${TOP_DOMAINS})(?![a-z0-9@-]|\\.[a-z0-9])${URL_REST}`, 'iy'),
  ],
];
const DIGITS_OF_ADDRESS = /[0-9]{1,30}[a-z@._]/iy;
const INITIALS = /(?:[a-z]\.){2,8}(?![a-z])/iy;
const DOTTED_ARABIC = /(?:ج\.م|ق\.م|ص\.ب|[وبلف]?[أا]\.د)(?:\.|\/|(?![\p{L}\p{M}]))/uy;
const ARABIC_LETTER = '(?=\\p{Script=Arabic})\\p{L}';
const OTHER_LETTER = '(?!\\p{Script=Arabic})\\p{L}';
const ARABIC_WORD = new RegExp(`${ARABIC_LETTER}(?:${ARABIC_LETTER}|\\p{M})*`, 'uy');
const OTHER_WORD = new RegExp(`${OTHER_LETTER}(?:${OTHER_LETTER}|\\p{M})*`, 'uy');
const MARK = /[.…]{2,}|…|[.،؟!:؛,;?]/uy;
const TRAILING_MARKS = /[.,!;:'’]+$/u;
const REMOVED = /["'«»“”‘’()[\]{}\u201A\u201E‹›]/u;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function firstOf(
  rules: typeof AT_DIGIT,
  text: string,
  at: number,
): { kind: TokenKind; text: string } | undefined {
  for (const [kind, pattern] of rules) {
    const found = matchAt(pattern, text, at);
    if (found === undefined) continue;
    if (kind !== 'url') return { kind, text: found };
    const bare = found.replace(TRAILING_MARKS, '');
    if (bare !== '') return { kind, text: bare };
  }
  return undefined;
}

function wordAt(text: string, at: number): { kind: TokenKind; text: string } | undefined {
  const dotted = matchAt(DOTTED_ARABIC, text, at);
  if (dotted !== undefined) return { kind: 'abbreviation', text: dotted };
  const arabic = matchAt(ARABIC_WORD, text, at);
  if (arabic !== undefined) return { kind: 'arabic', text: arabic };
  const initials = matchAt(INITIALS, text, at);
  if (initials !== undefined) return { kind: 'latin', text: initials };
  const other = matchAt(OTHER_WORD, text, at);
  return other === undefined ? undefined : { kind: 'latin', text: other };
}

const ASCII_LETTER = /[A-Za-z]/;

function tokenAt(
  text: string,
  at: number,
  afterWord: boolean,
): { kind: TokenKind; text: string } | undefined {
  const character = text[at] ?? '';
  if (character >= '0' && character <= '9') {
    // A host or an address may begin with a digit, but only where no letter stands before it.
    const mayBeAddress = !afterWord && matchAt(DIGITS_OF_ADDRESS, text, at) !== undefined;
    const address = mayBeAddress ? firstOf(AT_LATIN, text, at) : undefined;
    return address ?? firstOf(AT_DIGIT, text, at);
  }
  if (character === '+') {
    const phone = firstOf(AT_PLUS, text, at);
    if (phone !== undefined) return phone;
  }
  if (!afterWord && ASCII_LETTER.test(character)) {
    const address = firstOf(AT_LATIN, text, at);
    if (address !== undefined) return address;
  }
  const mark = matchAt(MARK, text, at);
  if (mark !== undefined) return { kind: 'mark', text: mark };
  return wordAt(text, at);
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /\p{L}/u.test(character);
}

/** حلوووو -> حلو; addresses keep their www. */
function spelledOnce(token: { kind: TokenKind; text: string }): string {
  return token.kind === 'arabic' || token.kind === 'latin' ? collapseLetters(token.text) : token.text;
}

/** Three or more equal letters in a row become one. */
export function collapseLetters(text: string): string {
  return text.replace(/(\p{L})\1{2,}/gu, '$1');
}

/** Splits clean text into tokens; white space, quotes and brackets only separate. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let glued = false;
  let at = 0;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0x20);
    if (character === ' ' || character === '_' || REMOVED.test(character)) {
      const apostrophe =
        (character === "'" || character === '’') && isLetter(text[at - 1]) && isLetter(text[at + 1]);
      const previous = tokens[tokens.length - 1];
      at += 1;
      glued = false;
      if (!apostrophe || previous?.kind !== 'latin') continue;
      const rest = matchAt(OTHER_WORD, text, at) ?? '';
      tokens[tokens.length - 1] = { ...previous, text: previous.text + rest };
      at += rest.length;
      glued = true;
      continue;
    }
    if (character === LINE_JOINT || character === BULLET_JOINT) {
      tokens.push({ kind: 'joint', text: character, glued: false });
      at += 1;
      glued = false;
      continue;
    }
    const previous = tokens[tokens.length - 1];
    const afterWord = glued && (previous?.kind === 'latin' || previous?.kind === 'number');
    const token = tokenAt(text, at, afterWord) ?? {
      kind: /\p{No}/u.test(character) && character !== '²' && character !== '³' ? 'fraction-sign' : 'symbol',
      text: character,
    };
    tokens.push({ kind: token.kind, text: spelledOnce(token), glued: glued && tokens.length > 0 });
    glued = true;
    at += token.text.length;
  }
  return tokens;
}
