import { digitsAsNumber } from './numbers/cardinals.js';
import { lexiconWord, spokenLatin } from './latin.js';

/** One label or name part: the lexicon's word or letter names, else Latin letters as written; numbers in words. */
function partWords(part: string): string {
  const known = lexiconWord(part);
  if (known !== undefined) return known;
  const pieces = part.match(/[0-9]+|\p{L}[\p{L}\p{M}]*/gu) ?? [];
  return pieces
    .map((piece) => (/^[0-9]/.test(piece) ? digitsAsNumber(piece) : (spokenLatin(piece) ?? piece)))
    .join(' ');
}

const dotted = (text: string): string =>
  text
    .split('.')
    .map(partWords)
    .filter((words) => words !== '')
    .join(' دوت ');

/** `ahmed@gmail.com` -> ahmed آت جيميل دوت كوم. */
export function readEmail(address: string): string {
  const at = address.indexOf('@');
  return `${dotted(address.slice(0, at))} آت ${dotted(address.slice(at + 1))}`;
}

/** The host of an address: scheme, `www.`, user, port, path, query and fragment are dropped. */
export function readUrl(url: string): string {
  const rest = url.replace(/^[a-z]+:\/\//i, '');
  const host = (/^[^/?#]*/.exec(rest)?.[0] ?? '').replace(/^.*@/, '').replace(/:[0-9]*$/, '');
  return dotted(host.replace(/^www\./i, ''));
}
