import type { Converse } from '../assistant/converse.js';
import type { Speak, SpeechEvent } from '../assistant/speak.js';
import type { SpeakTimings } from '../assistant/speech-run.js';
import { DECODED_SAMPLE_RATE, type AudioDecoder } from '../audio/decode.js';
import type { AudioEncoder } from '../audio/encode.js';
import type { Diariser } from '../engines/diarisation/diariser.js';
import type { ChatGateway, JsonObject } from '../engines/llm/chat-gateway.js';
import type { ChatModel } from '../engines/llm/chat-model.js';
import type { SpeechToText, Transcript } from '../engines/stt/speech-to-text.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics, Stage } from '../observability/metrics.js';
import { inStage, streamInStage } from '../observability/request-context.js';
import type { Span } from '../observability/tracing.js';
import { refusalCounter } from './refusals.js';

export interface Observers {
  metrics: Metrics;
  /** Logs transcripts and replies; absent unless LOG_CONTENT is set. */
  content?: Pick<Logger, 'info'>;
}

/** Wraps the decoder with a span, a duration and a count of rejected calls; the functions below wrap the other parts. */
export function observeDecoder(decoder: AudioDecoder, { metrics }: Observers): AudioDecoder {
  const counted = refusalCounter('decode', metrics);
  return {
    decode: (path, signal) =>
      inStage('decode', {}, () =>
        timed(metrics, 'decode', () => counted(() => decoder.decode(path, signal))),
      ),
  };
}

export function observeEncoder(encoder: AudioEncoder, { metrics }: Observers): AudioEncoder {
  const { stream } = refusalCounter('encode', metrics);
  return {
    checkFormat: (format) => encoder.checkFormat(format),
    encode: (chunks, options) =>
      streamInStage('encode', { format: options.format }, () =>
        stream(() => encoder.encode(chunks, options)),
      ),
  };
}

export function observeSpeechToText(engine: SpeechToText, observers: Observers): SpeechToText {
  const { metrics } = observers;
  const counted = refusalCounter('transcribe', metrics);
  const facts = { model: engine.id };
  const heard = (audio: Float32Array, transcript: Transcript): void => {
    metrics.audioHeard(audio.length / DECODED_SAMPLE_RATE);
    observers.content?.info({ content: true, transcript: transcript.text }, 'content: transcript');
  };
  return {
    id: engine.id,
    capabilities: engine.capabilities,
    transcribe: (audio, options, signal) =>
      inStage('transcribe', facts, async () => {
        const transcript = await timed(metrics, 'transcribe', () =>
          counted(() => engine.transcribe(audio, options, signal)),
        );
        heard(audio, transcript);
        return transcript;
      }),
    stream: (audio, options, signal) =>
      streamInStage('transcribe', facts, async function* () {
        const startedAt = performance.now();
        for await (const event of counted.stream(() => engine.stream(audio, options, signal))) {
          if (event.type === 'done') {
            metrics.stage('transcribe', performance.now() - startedAt);
            heard(audio, event.transcript);
          }
          yield event;
        }
      }),
  };
}

export function observeDiariser(engine: Diariser, { metrics }: Observers): Diariser {
  const { stream } = refusalCounter('diarise', metrics);
  return {
    id: engine.id,
    unavailable: () => engine.unavailable(),
    diarise: (audio, options, signal) =>
      streamInStage('diarise', { model: engine.id }, async function* () {
        const startedAt = performance.now();
        yield* stream(() => engine.diarise(audio, options, signal));
        metrics.stage('diarise', performance.now() - startedAt);
      }),
  };
}

export function observeChat(chat: ChatModel, { metrics, content }: Observers): ChatModel {
  const { stream } = refusalCounter('chat', metrics);
  return {
    id: chat.id,
    reply: (messages, signal) =>
      streamInStage('chat', { 'gen_ai.request.model': chat.id }, async function* (span) {
        const startedAt = performance.now();
        let text = '';
        let spoke = false;
        for await (const event of stream(() => chat.reply(messages, signal))) {
          if (event.type === 'delta') {
            if (!spoke) metrics.stage('first_token', performance.now() - startedAt);
            spoke = true;
            if (content) text += event.text;
          } else {
            metrics.stage('reply', performance.now() - startedAt);
            const { inputTokens = 0, outputTokens = 0 } = event.usage ?? {};
            metrics.tokens(inputTokens, outputTokens);
            span.set({ 'gen_ai.response.model': event.model, 'gen_ai.usage.output_tokens': outputTokens });
            content?.info({ content: true, reply: text }, 'content: reply');
          }
          yield event;
        }
      }),
  };
}

export function observeGateway(gateway: ChatGateway, { metrics }: Observers): ChatGateway {
  const counted = refusalCounter('chat', metrics);
  return {
    model: gateway.model,
    ownFields: gateway.ownFields,
    streamFields: gateway.streamFields,
    notice: gateway.notice,
    complete: (body, signal) =>
      inStage('chat', { 'gen_ai.request.model': body.model }, async (span) => {
        const completion = await timed(metrics, 'reply', () => counted(() => gateway.complete(body, signal)));
        noteAnswer(completion, span, metrics);
        return completion;
      }),
    stream: (body, signal) =>
      streamInStage('chat', { 'gen_ai.request.model': body.model }, async function* (span) {
        const startedAt = performance.now();
        let first = true;
        let last: JsonObject = {};
        try {
          for await (const chunk of counted.stream(() => gateway.stream(body, signal))) {
            if (first) metrics.stage('first_token', performance.now() - startedAt);
            first = false;
            // Some servers repeat the usage so far in every chunk.
            if (isObject(chunk['usage']) || !isObject(last['usage'])) last = chunk;
            yield chunk;
          }
        } finally {
          noteAnswer(last, span, metrics);
        }
        metrics.stage('reply', performance.now() - startedAt);
      }),
  };
}

/** Records model and token usage of a completion, or of the stream's chunk that contains them. */
function noteAnswer({ model, usage }: JsonObject, span: Span, metrics: Metrics): void {
  if (typeof model === 'string') span.set({ 'gen_ai.response.model': model });
  if (!isObject(usage)) return;
  const { prompt_tokens: input, completion_tokens: output } = usage;
  if (typeof input !== 'number' || typeof output !== 'number') return;
  metrics.tokens(input, output);
  span.set({ 'gen_ai.usage.output_tokens': output });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

export function observeSpeak(speak: Speak, { metrics }: Observers): Speak {
  const counted = refusalCounter('speak', metrics);
  const observed = (begin: () => AsyncIterable<SpeechEvent>): AsyncIterable<SpeechEvent> =>
    streamInStage('speak', {}, async function* (span) {
      for await (const event of counted.stream(begin)) {
        if (event.type === 'start') span.set({ engine: event.engine });
        if (event.type === 'audio') metrics.audioSpoken(event.audio.samples.length / event.audio.sampleRate);
        if (event.type === 'done') reportTimes(event.timings, metrics);
        yield event;
      }
    });
  return {
    check: (options) => speak.check(options),
    speak: (request, signal) => observed(() => speak.speak(request, signal)),
    streamSpeak: (clauses, options, signal) => observed(() => speak.streamSpeak(clauses, options, signal)),
  };
}

function reportTimes(timings: SpeakTimings, metrics: Metrics): void {
  if (timings.first_audio_ms !== undefined) metrics.stage('speak_first_audio', timings.first_audio_ms);
  metrics.stage('speak', timings.speak_ms);
}

/** Records the time to the first audio of a voice chat. The stages record their own times. */
export function observeConverse(converse: Converse, { metrics }: Observers): Converse {
  return async function* observed(request, signal) {
    for await (const event of converse(request, signal)) {
      if (event.type === 'done' && event.timings.first_audio_ms !== undefined)
        metrics.stage('first_audio', event.timings.first_audio_ms);
      yield event;
    }
  };
}

async function timed<T>(metrics: Metrics, stage: Stage, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  metrics.stage(stage, performance.now() - startedAt);
  return result;
}
