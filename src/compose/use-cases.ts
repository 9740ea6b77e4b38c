import { admitCompletions, admitReply, admitSpeak, admitTranscribe } from '../assistant/admitted.js';
import { createAnswer } from '../assistant/answer.js';
import { CaptionLane, withCaptionsHeld } from '../assistant/caption-lane.js';
import { createAttributeSpeakers, type AttributeSpeakers } from '../assistant/attribute-speakers.js';
import { withoutHallucinations } from '../assistant/hallucination-filter.js';
import { createChatCompletions } from '../assistant/chat-completion.js';
import { createConverse } from '../assistant/converse.js';
import { createDialectGuard } from '../assistant/dialect-guard.js';
import { createReply } from '../assistant/reply.js';
import { createSpeak } from '../assistant/speak.js';
import { createTranscribe, type Transcribe, type TranscribeParts } from '../assistant/transcribe.js';
import { createAudioDecoder, type AudioDecoder } from '../audio/decode.js';
import { createAudioEncoder } from '../audio/encode.js';
import { openPcmFile } from '../audio/pcm-file.js';
import type { Config } from '../config/load-config.js';
import { createClauseCutter, splitClauses } from '../egyptian/clauses/clauses.js';
import { arabizi } from '../egyptian/franco/arabizi.js';
import { normalise } from '../egyptian/speech/normalise.js';
import {
  observeConverse,
  observeDecoder,
  observeEncoder,
  observeSpeak,
} from '../instrumentation/observed-engines.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../observability/logger.js';
import { composeAdmission } from './admission.js';
import { catalogueOf } from './catalogue.js';
import { defaultPrompt } from './default-prompt.js';
import type { Engines } from './engines.js';
import type { Observability } from './observability.js';
import type { SharedState } from './shared-state.js';
import type { ClonedVoices } from './speaking.js';

export interface UseCaseParts {
  engines: Engines;
  cloned: ClonedVoices;
  observed: Observability;
  shared: SharedState;
  logger: Logger;
}

const DECODE_TIMEOUT_MS = 20_000;
const ENCODE_STALL_MS = 30_000;
const ENCODERS_AT_ONCE = 32;
const DECODERS_PER_CORE = 2;

/** The use cases that HTTP and WebSocket serve, each with admission control, metrics and traces. */
export function composeUseCases(config: Config, parts: UseCaseParts) {
  const { engines, observed } = parts;
  const { decoder, encoder } = composeAudio(config, observed);
  const { oneProcess } = engines.device;
  const { hearing, speaking, chatting } = composeAdmission(config, observed.metrics, oneProcess);
  const captionLane = new CaptionLane();
  const { transcribeNow, attributeSpeakers } = composeHeard(config, engines, decoder, captionLane);
  const transcribe = admitTranscribe(transcribeNow, hearing);
  const speak = composeSpeak(config, parts);
  const { reply, spokenReply, dialect } = composeReplies(config, parts);
  const answer = createAnswer({ reply: spokenReply, speak, createClauseCutter });
  const turn = createConverse({ transcribe, answer, speak });
  const chatNow = createChatCompletions({ gateway: engines.completions });
  const completions = admitCompletions(chatNow, chatting);
  return {
    hearing,
    /** Without admission control: live sessions are admitted when they connect. */
    live: {
      transcribe: transcribeNow,
      completions: chatNow,
      dialect,
      speak,
      createClauseCutter,
      captionLane,
    },
    transcribe,
    attributeSpeakers,
    completions,
    catalogue: catalogueOf(engines),
    reply: admitReply(reply, chatting),
    speak: admitSpeak(speak, speaking),
    answer,
    converse: observeConverse(turn, observed),
    encoder,
  };
}

function hearingDefaults(config: Config): TranscribeParts['defaults'] {
  return {
    language: config.WHISPER_LANGUAGE,
    prompt: defaultPrompt(config),
    beamSize: config.BEAM_SIZE,
  };
}

/** What becomes text, and who spoke it. */
function composeHeard(
  config: Config,
  engines: Engines,
  decoder: AudioDecoder,
  captionLane: CaptionLane,
): { transcribeNow: Transcribe; attributeSpeakers: AttributeSpeakers } {
  const decode = decoder.decode.bind(decoder);
  const attributeSpeakers = createAttributeSpeakers({
    diariser: engines.diariser,
    decode,
    openPcm: openPcmFile,
  });
  const transcribing = {
    decode,
    attributeSpeakers,
    speechToText: withCaptionsHeld(engines.speechToText, captionLane),
    defaults: hearingDefaults(config),
    ...(config.HALLUCINATION_FILTER && { review: withoutHallucinations }),
  };
  return { transcribeNow: createTranscribe(transcribing), attributeSpeakers };
}

function composeReplies(config: Config, { engines, observed, shared }: UseCaseParts) {
  const memory = shared.conversations({
    limit: config.CONVERSATION_LIMIT,
    minutes: config.CONVERSATION_MINUTES,
  });
  // Only typed messages can be Franco, so transcripts are not transliterated.
  const script = config.ARABIZI ? { toArabicScript: arabizi } : {};
  const onCorrection = (): void => observed.metrics.dialectCorrections.inc();
  const dialect = config.DIALECT_CHECK ? { createClauseCutter, onCorrection } : null;
  const spokenChat = dialect ? createDialectGuard({ chat: engines.chat, ...dialect }) : engines.chat;
  return {
    dialect,
    reply: createReply({ chat: engines.chat, memory, ...script }),
    spokenReply: createReply({ chat: spokenChat, memory }),
  };
}

function composeSpeak(config: Config, { engines, cloned, observed, logger }: UseCaseParts) {
  const speak = createSpeak({
    engines: engines.speechEngines,
    splitClauses,
    ...(config.NORMALISE_SPEECH && { normalise }),
    defaultVoice: config.TTS_SPEAKER,
    isClonedVoice: (voice) => cloned.has(voice),
    onEngineFailure: (engine, error) =>
      logger.warn({ engine, reason: messageOf(error) }, 'voice engine failed; the next one speaks'),
  });
  return observeSpeak(speak, observed);
}

function composeAudio(config: Config, observed: Observability) {
  const ffmpeg = { path: config.FFMPEG_PATH, environment: config.childEnvironment };
  const decoder = createAudioDecoder({
    ffmpeg,
    maxSeconds: config.MAX_AUDIO_LENGTH,
    maxConcurrent: config.machine.cores * DECODERS_PER_CORE,
    maxWaiting: config.QUEUE_LIMIT,
    timeoutMs: DECODE_TIMEOUT_MS,
  });
  const encoder = createAudioEncoder({
    ffmpeg,
    maxConcurrent: ENCODERS_AT_ONCE,
    stallMs: ENCODE_STALL_MS,
  });
  return { decoder: observeDecoder(decoder, observed), encoder: observeEncoder(encoder, observed) };
}
