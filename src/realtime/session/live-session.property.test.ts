import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../protocol/errors.js';
import type { ServerEvent } from '../protocol/server-events.js';
import { DONE, FakeSession } from './fake-session.js';
import type { AnswerEvent } from './inputs.js';
import type { SessionOutput } from './outputs.js';

type Step = (session: FakeSession) => void;

const FAILURE = { type: 'server_error', code: 'engine', message: 'It broke.' };
const itemId = fc.oneof(fc.constantFrom('a', 'b', 'c', 'missing'), fc.constant('known'));
const client =
  (event: Record<string, unknown>): Step =>
  (session) =>
    void session.client(event);
/** The id of an item that is there, so that more than errors happens. */
const withItem =
  (id: string, event: Record<string, unknown>): Step =>
  (session) => {
    const known = session.eventsOf('conversation.item.added').at(-1)?.item.id ?? 'missing';
    session.client({ ...event, item_id: id === 'known' ? known : id });
  };

const turnDetection = fc.constantFrom(
  null,
  { type: 'server_vad', silence_duration_ms: 300 },
  { type: 'server_vad', interrupt_response: false },
  { type: 'server_vad', create_response: false, idle_timeout_ms: 5_000 },
  { type: 'semantic_vad', eagerness: 'high' },
);
const response = fc.constantFrom(
  undefined,
  { conversation: 'none', metadata: { topic: 'x' } },
  { output_modalities: ['text'] },
  { input: [{ type: 'item_reference', id: 'a' }] },
);

const clientSteps: fc.Arbitrary<Step>[] = [
  turnDetection.map((turn_detection) =>
    client({ type: 'session.update', session: { audio: { input: { turn_detection } } } }),
  ),
  fc.constantFrom('commit', 'clear').map((name) => client({ type: `input_audio_buffer.${name}` })),
  fc.tuple(itemId, fc.constantFrom('user', 'assistant', 'system')).map(([id, role]) => {
    const type = role === 'assistant' ? 'output_text' : 'input_text';
    const item = { id, type: 'message', role, content: [{ type, text: 'كلام' }] };
    return client({ type: 'conversation.item.create', item });
  }),
  itemId.map((id) => withItem(id, { type: 'conversation.item.retrieve' })),
  itemId.map((id) => withItem(id, { type: 'conversation.item.delete' })),
  fc
    .tuple(itemId, fc.integer({ min: -10, max: 9_000 }))
    .map(([id, audio_end_ms]) => withItem(id, { type: 'conversation.item.truncate', audio_end_ms })),
  response.map((given) => client({ type: 'response.create', response: given })),
  fc.constant(client({ type: 'response.cancel' })),
  fc.constant(client({ type: 'output_audio_buffer.clear' })),
  fc.constantFrom('x', '{}', '[]', '{"type":3}').map((message) => client({ type: message })),
];

/** Work that was asked for answers, in any order, also work that was cancelled. */
const work = <T>(
  arbitrary: fc.Arbitrary<T>,
  act: (session: FakeSession, generation: number, value: T) => void,
) =>
  fc.tuple(fc.nat(), arbitrary).map(([pick, value]): Step => (session) => {
    const asked = [...session.all('transcribe'), ...session.all('answer'), ...session.all('captions')];
    const chosen = asked[pick % Math.max(1, asked.length)];
    if (chosen) act(session, chosen.generation, value);
  });
const answerEvent = fc.constantFrom<AnswerEvent>(
  { type: 'clause', text: 'أهلا.' },
  { type: 'audio', audio: 'AAAA', milliseconds: 400 },
  { type: 'text', text: 'أهلا' },
  { type: 'warnings', warnings: ['w'] },
  { type: 'tool-call', callId: 'call_x', name: 'f', arguments: '{}' },
  DONE,
  { type: 'failed', failure: FAILURE },
);
/** Text that says which work it came from. */
const marked = (event: AnswerEvent, generation: number): AnswerEvent =>
  event.type === 'clause' || event.type === 'text' ? { ...event, text: `g${generation}.` } : event;
/** A transcript that says which work it came from; one that is a back-channel or empty has to stay what it is. */
function heard(session: FakeSession, generation: number, words: string): void {
  const text = words === 'عايز أحجز' ? `${words} g${generation}` : words;
  session.input({ type: 'transcribed', generation, text, seconds: 1, warnings: [] });
}
const engineSteps: fc.Arbitrary<Step>[] = [
  work(fc.constantFrom('', 'آه', 'عايز أحجز'), heard),
  work(fc.constant(null), (session, generation) =>
    session.input({ type: 'transcription-failed', generation, failure: FAILURE }),
  ),
  work(fc.constantFrom('ع', ' ك'), (session, generation, delta) =>
    session.input({ type: 'caption', generation, delta }),
  ),
  work(answerEvent, (session, generation, event) =>
    session.input({ type: 'answer', generation, event: marked(event, generation) }),
  ),
];
const timeSteps: fc.Arbitrary<Step>[] = [
  fc.tuple(fc.integer({ min: 32, max: 1_500 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()).map(
    ([milliseconds, probability, echo]): Step =>
      (session) =>
        session.hear(milliseconds, probability, echo),
  ),
  fc.integer({ min: 300, max: 1_200 }).map(
    (milliseconds): Step =>
      (session) =>
        session.speech(milliseconds),
  ),
  fc.integer({ min: 100, max: 1_200 }).map(
    (milliseconds): Step =>
      (session) =>
        session.silence(milliseconds),
  ),
  fc.constantFrom('stall', 'idle').map(
    (timer): Step =>
      (session) =>
        session.input({ type: 'timer', timer }),
  ),
];

/** Histories in which much happens: whole turns, and answers to what was asked for last. */
const likelySteps: fc.Arbitrary<Step>[] = [
  // A turn whose transcript is late, and one that may be over.
  fc.constantFrom(1_000, 400).map((silenceMs): Step => (session) => {
    session.speech(600);
    session.silence(silenceMs);
  }),
  fc.constantFrom('', 'عايز أحجز').map((text): Step => (session) => {
    session.speech(600);
    session.silence(1_000);
    const asked = session.all('transcribe').at(-1);
    if (asked) heard(session, asked.generation, text);
  }),
  answerEvent.map((event): Step => (session) => {
    const asked = session.all('answer').at(-1);
    if (asked) session.answer(marked(event, asked.generation));
  }),
];

const weighted = (weight: number, arbitraries: fc.Arbitrary<Step>[]) => ({
  weight,
  arbitrary: fc.oneof(...arbitraries),
});
const steps = fc.array(
  fc.oneof(
    weighted(2, clientSteps),
    weighted(3, engineSteps),
    weighted(2, timeSteps),
    weighted(4, likelySteps),
  ),
  { maxLength: 80 },
);

function play(script: readonly Step[], speculation: boolean): FakeSession {
  const session = new FakeSession({ speculation });
  for (const step of script) step(session);
  session.input({ type: 'timer', timer: 'expiry' });
  return session;
}

it('keeps the promises of the protocol whatever happens', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (script, speculation) => {
      const session = play(script, speculation);
      checkResponses(session.events);
      checkItems(session.events);
      checkIds(session.events);
      checkGenerations(session.events);
      checkTranscripts(session.outputs);
      for (const { error } of session.eventsOf('error')) expect(ERROR_CODES).toContain(error.code);
      expect(session.newest('close')).toBeDefined();
    }),
    { numRuns: 400 },
  );
});

it('gives no output after it has closed', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const session = play([], false);
      const before = session.outputs.length;
      for (const step of script) step(session);
      expect(session.outputs).toHaveLength(before);
    }),
    { numRuns: 20 },
  );
});

/** One `done` for each `created`, and nothing of a response outside the two. */
function checkResponses(events: readonly ServerEvent[]): void {
  const open = new Set<string>();
  let inConversation = 0;
  for (const event of events) {
    if (event.type === 'response.created') {
      open.add(event.response.id);
      if (event.response.conversation_id !== null) inConversation += 1;
    } else if (event.type === 'response.done') {
      expect(open.delete(event.response.id)).toBe(true);
      expect(event.response.status).not.toBe('in_progress');
      expect(event.response.usage).not.toBeNull();
      if (event.response.conversation_id !== null) inConversation -= 1;
    } else if ('response_id' in event && event.type !== 'output_audio_buffer.cleared') {
      expect(open).toContain(event.response_id);
    }
    expect(inConversation).toBeLessThanOrEqual(1);
  }
  expect(open).toEqual(new Set());
}

/** Each `added` has its `done`, unless the client deletes the item before. */
function checkItems(events: readonly ServerEvent[]): void {
  const open = new Set<string>();
  const deleted = new Set<string>();
  const outputs = new Set<string>();
  for (const event of events) {
    if (event.type === 'conversation.item.added') open.add(event.item.id);
    else if (event.type === 'conversation.item.done') expect(open.delete(event.item.id)).toBe(true);
    else if (event.type === 'conversation.item.deleted') deleted.add(event.item_id);
    else if (event.type === 'response.output_item.added') outputs.add(event.item.id);
    else if (event.type === 'response.output_item.done') expect(outputs.delete(event.item.id)).toBe(true);
  }
  expect([...open].filter((id) => !deleted.has(id))).toEqual([]);
  expect(outputs).toEqual(new Set());
}

function checkIds(events: readonly ServerEvent[]): void {
  const ids = events.map(({ event_id }) => event_id);
  expect(new Set(ids).size).toBe(ids.length);
  const responses = events.flatMap((event) => (event.type === 'response.created' ? event.response.id : []));
  expect(new Set(responses).size).toBe(responses.length);
}

/** All text of a response came from one piece of work, and no work speaks in two responses. */
function checkGenerations(events: readonly ServerEvent[]): void {
  const sources = new Map<string, Set<string>>();
  for (const event of events) {
    if (
      event.type !== 'response.output_text.delta' &&
      event.type !== 'response.output_audio_transcript.delta'
    )
      continue;
    const source = sources.get(event.response_id) ?? new Set();
    sources.set(event.response_id, source.add(event.delta.trim()));
  }
  for (const source of sources.values()) expect(source.size).toBe(1);
  const all = [...sources.values()].flatMap((source) => [...source]);
  expect(new Set(all).size).toBe(all.length);
}

/** A transcript comes from a transcription that was asked for and not cancelled, and each gives one item its transcript. */
function checkTranscripts(outputs: readonly SessionOutput[]): void {
  const running = new Set<number>();
  for (const output of outputs) {
    if (output.type === 'transcribe' && output.purpose !== 'probe') running.add(output.generation);
    if (output.type === 'cancel') running.delete(output.generation);
    if (output.type !== 'send') continue;
    const { event } = output;
    if (event.type !== 'conversation.item.input_audio_transcription.completed') continue;
    const generation = /g(\d+)$/.exec(event.transcript)?.[1];
    if (generation !== undefined) expect(running.delete(Number(generation))).toBe(true);
  }
}
