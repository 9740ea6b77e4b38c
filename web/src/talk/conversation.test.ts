import { describe, expect, it } from 'vitest';
import type { ServerEvent } from '../../../src/realtime/protocol/server-events.js';
import { SentAudio } from './audio-clock.js';
import { clauseAt, Conversation, replyText } from './conversation.js';
import { LiveEvents } from './live-events.js';
import { momentsOf } from './timeline.js';

const place = { response_id: 'resp_1', item_id: 'item_2', output_index: 0, content_index: 0 };
/** 100 ms of 16-bit audio at 24 kHz. */
const AUDIO_100_MS = Buffer.alloc(4_800).toString('base64');

function live(silenceMs = 700) {
  const conversation = new Conversation();
  const events = new LiveEvents(conversation);
  let now = 0;
  /** Applies an event at this moment; position p of the audio was recorded at p + 1000. */
  const apply = (at: number, event: Record<string, unknown>): void => {
    now = at;
    events.apply({ event_id: 'e', ...event } as unknown as ServerEvent, now, (position) => position + 1_000);
  };
  const detection = { type: 'server_vad', silence_duration_ms: silenceMs };
  apply(0, { type: 'session.created', session: { audio: { input: { turn_detection: detection } } } });
  return { conversation, events, apply };
}

function spokenTurn({ apply }: ReturnType<typeof live>): void {
  apply(1_200, { type: 'input_audio_buffer.speech_started', item_id: 'item_1', audio_start_ms: 200 });
  apply(2_000, {
    type: 'conversation.item.input_audio_transcription.delta',
    item_id: 'item_1',
    delta: 'إزي',
  });
  apply(3_750, { type: 'input_audio_buffer.speech_stopped', item_id: 'item_1', audio_end_ms: 2_300 });
  apply(4_000, {
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: 'item_1',
    transcript: 'إزيك؟',
  });
  apply(4_010, { type: 'response.created', response: { id: 'resp_1' } });
  apply(4_020, { type: 'response.output_item.added', response_id: 'resp_1', item: { id: 'item_2' } });
  apply(4_100, { type: 'response.output_audio_transcript.delta', ...place, delta: 'تمام،' });
  apply(4_200, { type: 'response.output_audio.delta', ...place, delta: AUDIO_100_MS });
  apply(4_210, { type: 'response.output_audio.delta', ...place, delta: AUDIO_100_MS });
  apply(4_300, { type: 'response.output_audio_transcript.delta', ...place, delta: ' الحمد لله.' });
  apply(4_400, { type: 'response.output_audio.delta', ...place, delta: AUDIO_100_MS });
}

const done = (status: string, details: object) => ({
  type: 'response.done',
  response: { id: 'resp_1', status, status_details: details },
});

describe('a live conversation', () => {
  it('shows captions until the final text replaces them', () => {
    const { conversation, apply } = live();
    apply(0, { type: 'input_audio_buffer.speech_started', item_id: 'item_1', audio_start_ms: 0 });
    apply(1, { type: 'conversation.item.input_audio_transcription.delta', item_id: 'item_1', delta: 'إزي' });
    apply(2, { type: 'conversation.item.input_audio_transcription.delta', item_id: 'item_1', delta: 'ك' });
    expect(conversation.last).toMatchObject({ heard: 'إزيك', final: false });
    apply(3, {
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_1',
      transcript: 'إزيك يا باشا؟',
    });
    expect(conversation.last).toMatchObject({ heard: 'إزيك يا باشا؟', final: true });
  });

  it('knows where each clause begins in the audio of the reply', () => {
    const session = live();
    spokenTurn(session);
    session.apply(5_000, done('completed', { type: 'completed' }));
    const reply = session.conversation.last!.reply!;
    expect(reply).toMatchObject({ item: 'item_2', state: 'done', audioMs: 300 });
    expect(reply.clauses.map(({ startMs }) => startMs)).toEqual([0, 200]);
    expect(replyText(reply)).toBe('تمام، الحمد لله.');
    expect([0, 1, 199, 200, 300].map((ms) => clauseAt(reply, ms))).toEqual([-1, 0, 0, 1, 1]);
  });

  it('counts the moments of a turn from the end of the voice, not from its detection', () => {
    const session = live();
    spokenTurn(session);
    session.apply(5_000, done('completed', { type: 'completed' }));
    expect(momentsOf(session.conversation.last!)).toEqual([
      { mark: 'voiceEnd', ms: 0 },
      { mark: 'turnEnd', ms: 750 },
      { mark: 'transcript', ms: 1_000 },
      { mark: 'firstText', ms: 1_100 },
      { mark: 'firstAudio', ms: 1_200 },
      { mark: 'done', ms: 2_000 },
    ]);
  });

  it('forgets a turn without words', () => {
    const { conversation, apply } = live();
    apply(0, { type: 'input_audio_buffer.speech_started', item_id: 'item_1', audio_start_ms: 0 });
    apply(1, {
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_1',
      transcript: '',
    });
    expect(conversation.turns).toEqual([]);
  });

  it.each([
    ['cancelled', { type: 'cancelled', reason: 'turn_detected' }, { state: 'interrupted', error: null }],
    ['failed', { type: 'failed', error: { message: 'no voice' } }, { state: 'failed', error: 'no voice' }],
    ['incomplete', { type: 'incomplete', reason: 'max_output_tokens' }, { state: 'done' }],
  ])('says how a reply ended: %s', (status, details, expected) => {
    const session = live();
    spokenTurn(session);
    session.apply(5_000, done(status, details));
    expect(session.conversation.last!.reply).toMatchObject(expected);
  });

  it('keeps the warnings of the transcript and of the reply with their turn', () => {
    const session = live();
    spokenTurn(session);
    session.apply(4_500, { type: 'kallemni.warnings', item_id: 'item_1', warnings: ['a'] });
    session.apply(4_600, { type: 'kallemni.warnings', response_id: 'resp_1', warnings: ['b', 'a'] });
    expect(session.conversation.last!.warnings).toEqual(['a', 'b']);
  });

  it('ends running replies when the connection is lost', () => {
    const session = live();
    spokenTurn(session);
    session.events.lost();
    expect(session.conversation.last!.reply!.state).toBe('interrupted');
  });

  it('keeps the newest hundred turns', () => {
    const conversation = new Conversation();
    for (let index = 0; index < 150; index++) conversation.turn(`item_${index}`);
    expect(conversation.turns).toHaveLength(100);
    expect(conversation.last!.id).toBe('item_149');
  });
});

describe('the clock of sent audio', () => {
  it('turns positions into the moments at which they were recorded', () => {
    const sent = new SentAudio();
    sent.add(40, 1_000);
    sent.add(40, 1_040);
    // Audio that was dropped in between has no position.
    sent.add(40, 2_000);
    expect([20, 40, 80, 100, 120].map((position) => sent.recordedAt(position))).toEqual([
      980, 1_000, 1_040, 1_980, 2_000,
    ]);
  });

  it('begins again with a new session', () => {
    const sent = new SentAudio();
    sent.add(40, 1_000);
    sent.restart();
    sent.add(40, 5_000);
    expect(sent.recordedAt(40)).toBe(5_000);
  });
});
