import { speakerOf } from './reply-markup.js';

/** `role`: what follows `<|im_start|>` and its like. `channel`: what follows `<|channel|>`. */
export type HeaderKind = 'role' | 'channel';

export interface MessageHeader {
  /** The role or channel of the following text. Null when the header names neither, so all of it is text. */
  names: 'answer' | 'thought' | 'other' | null;
  /** The text after the header. */
  rest: string;
}

/** Longer text is not a header. */
const LONGEST = 64;
const ROLE = /^[ \t]*([A-Za-z_]+)(?:\.[\w.]+)?(?:[ \t]+to=[\w.]+)?/u;
const CHANNEL = /^[ \t]*([A-Za-z_]*)/u;
const ANSWER_CHANNEL = /^(?:final|answer|response)$/u;

/**
 * Reads the header of a message in a chat template: `assistant`, `user`, `functions.get to=...`, `final`, `analysis`.
 * It ends with its line, with the first character beyond ASCII, or with a control token (`ended`, where `toBody` says that
 * the token is one that starts the body, so that all text before it belongs to the header). Null when more text is needed.
 */
export function readHeader(
  kind: HeaderKind,
  text: string,
  { ended, toBody }: { ended: boolean; toBody: boolean },
): MessageHeader | null {
  const stop = text.search(/[\n\u0080-\uffff]/u);
  const complete = ended || stop !== -1 || text.length >= LONGEST;
  if (!complete) return null;
  const head = stop === -1 ? text : text.slice(0, stop);
  const tail = stop === -1 ? '' : text.slice(stop);
  const [written = '', name = ''] = (kind === 'role' ? ROLE : CHANNEL).exec(head) ?? [];
  const names = kind === 'role' ? roleOf(name) : ANSWER_CHANNEL.test(name) ? 'answer' : 'thought';
  if (names === null) return { names, rest: text };
  return { names, rest: (toBody ? '' : head.slice(written.length)) + tail };
}

function roleOf(name: string): 'answer' | 'other' | null {
  const speaker = speakerOf(name);
  return speaker === 'assistant' ? 'answer' : speaker;
}
