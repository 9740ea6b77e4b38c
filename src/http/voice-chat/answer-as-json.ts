import type { ConverseEvent } from '../../assistant/converse.js';
import { encodeWhole } from '../encode-whole.js';
import type { Turn } from './turn.js';
import { roundTimings } from '../timings.js';
import type { SpeechAudio } from '../../engines/tts/text-to-speech.js';

type Event<Type extends ConverseEvent['type']> = Extract<ConverseEvent, { type: Type }>;

/** The answer as one JSON object with the audio in base64. */
export async function answerAsJson({ events, format, encoder, response, signal }: Turn): Promise<void> {
  const audio: SpeechAudio[] = [];
  const seen: { transcript?: Event<'transcript'>; reply?: Event<'reply'>; done?: Event<'done'> } = {};
  for await (const event of events) {
    if (event.type === 'audio') audio.push(event.audio);
    else if (event.type !== 'delta') Object.assign(seen, { [event.type]: event });
  }
  const { transcript, reply, done } = seen;
  if (!transcript || !reply || !done) throw new Error('The turn ended without its events');
  response.json({
    transcript: transcript.transcript.text,
    reply: reply.reply,
    audio: await encodeWhole(encoder, audio, format, signal),
    format,
    conversation: reply.conversation,
    model: reply.model,
    warnings: done.warnings,
    timings: roundTimings({ ...done.timings }),
  });
}
