import { z } from 'zod';
import { unset } from './session-update.js';

const LONGEST_TEXT = 100_000;
const MOST_PARTS = 100;
/** Characters of base64 in one part; the same limit as for an append. */
const LONGEST_AUDIO = 15 * 2 ** 20;

const itemId = z.string().min(1).max(200);
const text = z.string().max(LONGEST_TEXT);

const userPart = z.union([
  z.object({ type: z.enum(['input_text', 'text']), text }),
  z.object({
    type: z.literal('input_audio'),
    audio: unset(z.string().max(LONGEST_AUDIO)),
    transcript: unset(text),
  }),
  // Pictures and unknown parts are left out: the models here cannot read them.
  z
    .looseObject({ type: z.string() })
    .refine(({ type }) => !['input_text', 'text', 'input_audio'].includes(type), 'a part without its text')
    .transform(() => null),
]);
const assistantPart = z.union([
  z.object({ type: z.enum(['output_text', 'text']), text }),
  z.object({ type: z.enum(['output_audio', 'audio']), transcript: unset(text) }),
]);
const systemPart = z.object({ type: z.enum(['input_text', 'text']), text });

const parts = <T extends z.ZodType>(part: T) => z.array(part).max(MOST_PARTS);
const common = { id: unset(itemId), status: unset(z.string()) };

/** An item as a client writes it, with the older names of content types. */
export const clientItem = z.union([
  z.object({
    type: z.literal('message').default('message'),
    role: z.literal('user'),
    content: parts(userPart),
    ...common,
  }),
  z.object({
    type: z.literal('message').default('message'),
    role: z.literal('assistant'),
    content: parts(assistantPart),
    ...common,
  }),
  z.object({
    type: z.literal('message').default('message'),
    role: z.enum(['system', 'developer']),
    content: parts(systemPart),
    ...common,
  }),
  z.object({
    type: z.literal('function_call'),
    call_id: unset(itemId),
    name: z.string().min(1).max(200),
    arguments: text,
    ...common,
  }),
  z.object({ type: z.literal('function_call_output'), call_id: itemId, output: text, ...common }),
]);

export type ClientItem = z.infer<typeof clientItem>;

/** An input item of `response.create`: a new item, or a reference to an existing one. */
export const inputItem = z.union([z.object({ type: z.literal('item_reference'), id: itemId }), clientItem]);
export type InputItem = z.infer<typeof inputItem>;
