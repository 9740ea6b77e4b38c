import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  admitCompletions,
  admitReply,
  admitSpeak,
  admitTranscribe,
  admitTranscribeStream,
} from './assistant/admitted.js';
import { believable } from './assistant/believable-transcript.js';
import { createDialectGuard } from './assistant/dialect-guard.js';
import { createChatCompletions } from './assistant/chat-completion.js';
import { createConversationMemory } from './assistant/conversation-memory.js';
import { createConverse } from './assistant/converse.js';
import { createReply } from './assistant/reply.js';
import { createTranscribe, createTranscribeStream } from './assistant/transcribe.js';
import { createAudioDecoder } from './audio/decode.js';
import { createAudioEncoder } from './audio/encode.js';
import { accessOf } from './compose/access.js';
import { catalogueOf } from './compose/catalogue.js';
import { composeDoors } from './compose/doors.js';
import { composeEngines, type Engines } from './compose/engines.js';
import { ConfigError, type Config } from './config/load-config.js';
import { arabizi } from './egyptian/franco/arabizi.js';
import { createClauseCutter } from './egyptian/clauses/clauses.js';
import { createApp } from './http/app.js';
import { listen, type HttpServer } from './http/server.js';
import { messageOf } from './lib/errors.js';
import type { Logger } from './observability/logger.js';
import {
  composeObservability,
  observeEngines,
  watchIdleness,
  type Observability,
} from './compose/observability.js';
import { observeConverse, observeDecoder, observeEncoder } from './instrumentation/observed-engines.js';
import { readinessOf } from './compose/readiness.js';
import { reportStart, settingsWarnings } from './compose/start-report.js';
import { composeVoices } from './compose/voices.js';

export interface Service {
  /** Opens the port and resolves with it. Nothing is loaded before. */
  listen(): Promise<number>;
  /** Begins to fetch and load models; failures show in /ready and the log. */
  start(): void;
  /** Resolves when there was no work for AUTO_SHUTDOWN_MINUTES; never where that is 0. */
  readonly idle: Promise<void>;
  /** Takes no new work, lets running calls finish within the grace, ends every process and removes every temporary file. */
  close(): Promise<void>;
}

const MEBIBYTE = 2 ** 20;
const DECODE_TIMEOUT_MS = 20_000;
const ENCODE_STALL_MS = 30_000;
const ENCODERS_AT_ONCE = 32;
const DECODERS_PER_CORE = 2;

/** Builds the running service from its settings: the only place where parts are chosen and wired. */
export async function compose(config: Config, logger: Logger): Promise<Service> {
  // Voices are made by an engine that speaks with them: each needs the other.
  const version = await readVersion();
  const observed = await composeObservability(config, logger, version);
  const engines = observeEngines(await composeEngines(config, logger, () => voices), observed);
  const voices = composeVoices(config, engines, logger);
  const uploads = makeUploadsFolder();
  let stopping = false;
  const useCases = composeUseCases(config, engines, observed);
  const { work, idle } = watchIdleness(config, engines);
  const app = createApp({
    ...useCases,
    voices: voices.routes,
    access: accessOf(config),
    ...observed,
    work,
    version,
    logger,
    readiness: () => (stopping ? { ready: false, details: { stopping } } : readinessOf(engines)),
    stopping: () => stopping,
    uploads: { directory: uploads, maxBytes: config.MAX_UPLOAD_MB * MEBIBYTE },
  });
  const port = createPort(app, config, logger);
  return {
    idle,
    listen: port.open,
    start: () => {
      engines.start();
      void reportStart(config, engines, { version, logger, terminal: process.stderr });
      voices.start();
    },
    async close() {
      stopping = true;
      work.close();
      await port.close();
      voices.close();
      await Promise.all([engines.close(), observed.close()]);
      await rm(uploads, { recursive: true, force: true });
    },
  };
}

function createPort(app: ReturnType<typeof createApp>, config: Config, logger: Logger) {
  let server: HttpServer | undefined;
  return {
    open: async (): Promise<number> => {
      for (const warning of settingsWarnings(config)) logger.warn({ host: config.HOST }, warning);
      server = await listen(app, config.PORT, config.HOST, { maxConnections: config.MAX_CONNECTIONS });
      return server.port;
    },
    close: async () => server?.stop(config.SHUTDOWN_GRACE_SECONDS * 1_000),
  };
}

function composeUseCases(config: Config, engines: Engines, observed: Observability) {
  const { decoder, encoder } = composeAudio(config, observed);
  const { hearing, speaking, chatting } = composeDoors(config, observed.metrics);
  const transcribing = {
    decode: decoder.decode.bind(decoder),
    speechToText: engines.speechToText,
    defaults: { language: config.WHISPER_LANGUAGE, prompt: config.WHISPER_PROMPT },
    ...(config.HALLUCINATION_FILTER && { review: believable }),
  };
  const transcribe = admitTranscribe(createTranscribe(transcribing), hearing);
  const transcribeStream = admitTranscribeStream(createTranscribeStream(transcribing), hearing);
  const memory = createConversationMemory({
    limit: config.CONVERSATION_LIMIT,
    minutes: config.CONVERSATION_MINUTES,
  });
  // Speech is never Franco: only typed messages are looked at.
  const script = config.ARABIZI ? { toArabicScript: arabizi } : {};
  const reply = admitReply(createReply({ chat: engines.chat, memory, ...script }), chatting);
  const onCorrection = (): void => observed.metrics.dialectCorrections.inc();
  const spokenChat = config.DIALECT_CHECK
    ? createDialectGuard({ chat: engines.chat, createClauseCutter, onCorrection })
    : engines.chat;
  const turn = createConverse({
    transcribe,
    reply: createReply({ chat: spokenChat, memory }),
    speak: engines.speak,
    createClauseCutter,
  });
  const converse = observeConverse(turn, observed);
  const completions = admitCompletions(createChatCompletions({ gateway: engines.completions }), chatting);
  const openAi = { transcribeStream, completions, catalogue: catalogueOf(engines) };
  const speak = admitSpeak(engines.speak, speaking);
  return { hearing, transcribe, ...openAi, reply, speak, converse, encoder };
}

function composeAudio(config: Config, observed: Observability) {
  const ffmpeg = { path: config.FFMPEG_PATH, environment: config.childEnvironment };
  const plainDecoder = createAudioDecoder({
    ffmpeg,
    maxSeconds: config.MAX_AUDIO_LENGTH,
    maxConcurrent: config.machine.cores * DECODERS_PER_CORE,
    maxWaiting: config.QUEUE_LIMIT,
    timeoutMs: DECODE_TIMEOUT_MS,
  });
  const decoder = observeDecoder(plainDecoder, observed);
  const encoder = observeEncoder(
    createAudioEncoder({ ffmpeg, maxConcurrent: ENCODERS_AT_ONCE, stallMs: ENCODE_STALL_MS }),
    observed,
  );
  return { decoder, encoder };
}

/** Where recordings lie while their requests run. */
function makeUploadsFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'kallemni-uploads-'));
  } catch (error) {
    const reason = messageOf(error);
    throw new ConfigError(`TMPDIR: recordings cannot be stored in ${tmpdir()} (${reason}).`, {
      cause: error,
    });
  }
}

async function readVersion(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
