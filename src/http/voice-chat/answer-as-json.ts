import { AudioFeed } from '../response/audio-feed.js';
import { encodeWhole } from '../response/encode-whole.js';
import type { Turn, TurnEvent } from './turn.js';
import { roundTimings } from '../response/timings.js';

type Event<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;

/** The answer as one JSON object with the audio in base64, encoded while it is spoken. */
export async function answerAsJson(turn: Turn): Promise<void> {
  const { encoder, format, response, signal } = turn;
  const audio = new AudioFeed((parts) => encodeWhole(encoder, parts, format, signal));
  const { transcript, reply, done } = await readTurn(turn, audio);
  response.json({
    transcript: transcript.transcript.text,
    reply: reply.reply,
    audio: await audio.end(),
    format,
    conversation: reply.conversation,
    model: reply.model,
    warnings: done.warnings,
    timings: roundTimings({ ...done.timings }),
  });
}

async function readTurn({ events }: Turn, audio: AudioFeed<string>) {
  const seen: { transcript?: Event<'transcript'>; reply?: Event<'reply'>; done?: Event<'done'> } = {};
  try {
    for await (const event of events) {
      if (event.type === 'audio') await audio.push(event.audio);
      else Object.assign(seen, { [event.type]: event });
    }
  } catch (error) {
    await audio.fail(error);
    throw error;
  }
  const { transcript, reply, done } = seen;
  if (!transcript || !reply || !done) throw new Error('The turn ended without its events');
  return { transcript, reply, done };
}
