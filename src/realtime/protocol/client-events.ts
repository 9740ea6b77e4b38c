import { z } from 'zod';
import type { Problem } from './errors.js';
import { clientItem, inputItem } from './client-items.js';
import {
  instructions,
  maxOutputTokens,
  modalities,
  outputPatch,
  sessionPatch,
  unset,
} from './session-update.js';
import { toolChoice, toolList } from './tools.js';

const id = z.string().min(1).max(200);
const MOST_INPUT_ITEMS = 1_000;
const MOST_METADATA = 16;
const index = z.number().int().min(0).default(0);

const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= MOST_METADATA, `at most ${MOST_METADATA} pairs`);

const responseOptions = z.object({
  conversation: unset(z.string()),
  instructions: unset(instructions),
  output_modalities: unset(modalities),
  max_output_tokens: unset(maxOutputTokens),
  metadata: unset(metadata),
  input: unset(z.array(inputItem).max(MOST_INPUT_ITEMS)),
  tools: unset(toolList),
  tool_choice: unset(toolChoice),
  audio: unset(z.object({ output: unset(outputPatch) })),
});
export type ResponseOptions = z.infer<typeof responseOptions>;

const events = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session.update'), session: sessionPatch }),
  // The decoder checks that it is base64: a pattern over megabytes would be slow.
  z.object({ type: z.literal('input_audio_buffer.append'), audio: z.string() }),
  z.object({ type: z.literal('input_audio_buffer.commit') }),
  z.object({ type: z.literal('input_audio_buffer.clear') }),
  z.object({
    type: z.literal('conversation.item.create'),
    item: clientItem,
    previous_item_id: unset(id),
  }),
  z.object({ type: z.literal('conversation.item.retrieve'), item_id: id }),
  z.object({ type: z.literal('conversation.item.delete'), item_id: id }),
  z.object({
    type: z.literal('conversation.item.truncate'),
    item_id: id,
    content_index: index,
    audio_end_ms: z.number().transform(Math.round),
  }),
  z.object({ type: z.literal('response.create'), response: unset(responseOptions) }),
  z.object({ type: z.literal('response.cancel'), response_id: unset(id) }),
  z.object({ type: z.literal('output_audio_buffer.clear') }),
]);

/** A valid client event, with the id that the client gave it. */
export type ClientEvent = z.infer<typeof events> & { eventId?: string };
export type ClientEventOf<Type extends ClientEvent['type']> = Extract<ClientEvent, { type: Type }>;

const TYPES: ReadonlySet<string> = new Set(events.options.map((option) => option.shape.type.value));
const MOST_SHOWN = 60;

/** Parses one text message into an event or a problem. Never throws. */
export function parseClientEvent(message: string): { event: ClientEvent } | { problem: Problem } {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return invalid('The message is not valid JSON: send one JSON object per message.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid('The message is not a JSON object.');
  const { type, event_id: eventId } = value as { type?: unknown; event_id?: unknown };
  const named = typeof eventId === 'string' && eventId.length <= 512 ? { eventId } : {};
  if (typeof type !== 'string')
    return invalid('"type" is missing: it names the event, for instance "session.update".', named);
  if (!TYPES.has(type)) return invalid(`There is no client event "${type.slice(0, MOST_SHOWN)}".`, named);
  const parsed = events.safeParse(value);
  if (parsed.success) return { event: { ...parsed.data, ...named } };
  return { problem: { ...problemOf(parsed.error), ...named } };
}

/** The first validation error of a schema, as the problem of one field. */
export function problemOf(error: z.ZodError): Problem {
  const issue = innermost(error.issues);
  const param = issue.path.map(String).join('.');
  const what = issue.message.replace(/^Invalid input: /, '');
  return {
    code: 'invalid_value',
    message: `${param === '' ? 'The event' : `"${param}"`} is not valid: ${what}.`,
    ...(param !== '' && { param }),
  };
}

interface PlainIssue {
  path: PropertyKey[];
  message: string;
}

/** For a union, the first error of the member that matched deepest. */
function innermost(issues: readonly z.core.$ZodIssue[]): PlainIssue {
  const issue = issues[0];
  if (!issue) return { path: [], message: 'it has no known form' };
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const candidates = issue.errors.map((errors) => innermost(errors));
  const deepest = candidates.reduce((best, next) => (next.path.length > best.path.length ? next : best));
  return { path: [...issue.path, ...deepest.path], message: deepest.message };
}

function invalid(message: string, named: { eventId?: string } = {}): { problem: Problem } {
  return { problem: { code: 'invalid_event', message, ...named } };
}
