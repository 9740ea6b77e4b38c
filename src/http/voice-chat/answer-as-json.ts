import { Channel } from '../../lib/channel.js';
import { encodeWhole } from '../response/encode-whole.js';
import type { Turn, TurnEvent } from './turn.js';
import { roundTimings } from '../response/timings.js';
import type { SpeechAudio } from '../../engines/tts/text-to-speech.js';

type Event<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;

/** More parts than the longest reply has: reading the turn is never held up by the encoder. */
const MAX_PARTS = 65_536;

/** The answer as one JSON object with the audio in base64, encoded while it is spoken. */
export async function answerAsJson(turn: Turn): Promise<void> {
  const { encoder, format, response, signal } = turn;
  const audio = new Channel<SpeechAudio>(MAX_PARTS);
  const encoding = encodeWhole(encoder, audio, format, signal);
  encoding.catch(() => undefined);
  const { transcript, reply, done } = await readTurn(turn, audio);
  response.json({
    transcript: transcript.transcript.text,
    reply: reply.reply,
    audio: await encoding,
    format,
    conversation: reply.conversation,
    model: reply.model,
    warnings: done.warnings,
    timings: roundTimings({ ...done.timings }),
  });
}

async function readTurn({ events }: Turn, audio: Channel<SpeechAudio>) {
  const seen: { transcript?: Event<'transcript'>; reply?: Event<'reply'>; done?: Event<'done'> } = {};
  try {
    for await (const event of events) {
      if (event.type === 'audio') await audio.push(event.audio);
      else Object.assign(seen, { [event.type]: event });
    }
  } finally {
    audio.end();
  }
  const { transcript, reply, done } = seen;
  if (!transcript || !reply || !done) throw new Error('The turn ended without its events');
  return { transcript, reply, done };
}
