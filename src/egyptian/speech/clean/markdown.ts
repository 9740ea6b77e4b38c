import { cardinal } from '../numbers/cardinals.js';

/** Stands for a line break that is spoken as a full stop, unless a mark is there already. */
export const LINE_JOINT = '\n';
/** Stands for the line break between two bullet items, spoken as a comma. */
export const BULLET_JOINT = '\u000B';

const FENCED_CODE = /^[ >]*(`{3,}|~{3,})/u;
const INLINE_CODE_BLOCK = /```[^`\n]*```/gu;
const RULE = /^(?:[-|: ]+|[* ]+|[_ ]+|[= ]+)$/u;
const BULLET = /^[-*•▪◦‣·]\s+/u;
const LIST_NUMBER = /^(\d{1,3})(?:[.)]|-(?=\s+\D))\s+/u;
const LINK = /(!?)\[([^[\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)/gu;
const HTML_TAG = /<\/?[a-z][a-z0-9]{0,10}(?: [^<>\n]{0,200})?\/?>/giu;

/** Only an opening marker is written on a word (و**الكتاب**); behind a closing one a new word begins. */
const EMPHASIS_BEFORE_LETTER = /(\*{1,3}|_{2,3})(?=[^\s*_])([^*_\n]{1,300})\1(?=\p{L})/gu;

interface Line {
  readonly text: string;
  readonly isBullet: boolean;
}

function withoutInlineMarkers(line: string): string {
  return line
    .replace(LINK, (_whole, image: string, text: string) => (image === '' ? text : ' '))
    .replace(HTML_TAG, ' ')
    .replace(EMPHASIS_BEFORE_LETTER, '$2 ')
    .replace(/\*{2,}|_{2,}|~{2,}|`+/gu, '')
    .replace(/(?<=\d ?)\*(?= ?\d)/gu, '×')
    .replaceAll('*', '');
}

function readLine(raw: string): Line | undefined {
  let line = raw
    .trim()
    .replace(/^(?:> ?)+/u, '')
    .replace(/^#{1,6}(?: +|$)/u, '');
  if (line === '' || RULE.test(line)) return undefined;
  const isBullet = BULLET.test(line);
  if (isBullet) line = line.replace(BULLET, '');
  const number = LIST_NUMBER.exec(line);
  const spoken = number === null ? '' : `${cardinal(Number(number[1]))}، `;
  const item = number === null ? line : line.slice(number[0].length);
  const cells = item.startsWith('|') ? item.replace(/^\||\|$/gu, '').replaceAll('|', '،') : item;
  return { text: spoken + withoutInlineMarkers(cells), isBullet };
}

/** The lines outside fenced code; a fence that never closes runs to the end. */
function* linesOutsideCode(text: string): Generator<string> {
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const marker = FENCED_CODE.exec(line)?.[1];
    if (fence !== undefined) {
      if (marker?.startsWith(fence) === true) fence = undefined;
    } else if (marker !== undefined && !line.slice(line.indexOf(marker) + marker.length).includes('`')) {
      fence = marker;
    } else {
      yield line;
    }
  }
}

/** Takes markdown away and turns line breaks into joints; the words stay. Linear in the text's length. */
export function stripMarkdown(text: string): string {
  let spoken = '';
  let previousIsBullet: boolean | undefined;
  for (const raw of linesOutsideCode(text.replace(INLINE_CODE_BLOCK, ' '))) {
    const line = readLine(raw);
    if (line === undefined) continue;
    if (previousIsBullet !== undefined)
      spoken += previousIsBullet && line.isBullet ? BULLET_JOINT : LINE_JOINT;
    spoken += line.text;
    previousIsBullet = line.isBullet;
  }
  return spoken;
}
