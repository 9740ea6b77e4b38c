import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { believable } from './assistant/believable-transcript.js';
import { createDialectGuard } from './assistant/dialect-guard.js';
import { createConversationMemory } from './assistant/conversation-memory.js';
import { createConverse } from './assistant/converse.js';
import { createReply } from './assistant/reply.js';
import { createTranscribe } from './assistant/transcribe.js';
import { createAudioDecoder } from './audio/decode.js';
import { createAudioEncoder } from './audio/encode.js';
import { composeEngines, type Engines } from './compose/engines.js';
import type { Config } from './config/load-config.js';
import { arabizi } from './egyptian/arabizi.js';
import { createClauseCutter } from './egyptian/clauses.js';
import { createApp } from './http/app.js';
import { listen, type HttpServer } from './http/server.js';
import type { Logger } from './observability/logger.js';
import { createMetrics, type Metrics } from './observability/metrics.js';
import { readinessOf } from './compose/readiness.js';

export interface Service {
  /** Opens the port and resolves with it. Nothing is loaded before. */
  listen(): Promise<number>;
  /** Begins to fetch and load models; failures show in /ready and the log. */
  start(): void;
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
  const engines = await composeEngines(config, logger);
  const uploads = mkdtempSync(join(tmpdir(), 'kallemni-uploads-'));
  const metrics = createMetrics();
  let server: HttpServer | undefined;
  let stopping = false;
  const useCases = composeUseCases(config, engines, metrics);
  const app = createApp({
    ...useCases,
    metrics,
    version: await readVersion(),
    logger,
    readiness: () => (stopping ? { ready: false, details: { stopping } } : readinessOf(engines)),
    stopping: () => stopping,
    uploads: { directory: uploads, maxBytes: config.MAX_UPLOAD_MB * MEBIBYTE },
  });
  return {
    async listen() {
      server = await listen(app, config.PORT, config.HOST);
      return server.port;
    },
    start: () => {
      engines.start();
      useCases.encoder
        .checkFormat('mp3')
        .catch((error: unknown) => logger.error({ error }, 'ffmpeg cannot be used'));
    },
    async close() {
      stopping = true;
      await server?.stop(config.SHUTDOWN_GRACE_SECONDS * 1_000);
      await engines.close();
      await rm(uploads, { recursive: true, force: true });
    },
  };
}

function composeUseCases(config: Config, engines: Engines, metrics: Metrics) {
  const ffmpeg = { path: config.FFMPEG_PATH, environment: config.childEnvironment };
  const decoder = createAudioDecoder({
    ffmpeg,
    maxSeconds: config.MAX_AUDIO_LENGTH,
    maxConcurrent: config.machine.cores * DECODERS_PER_CORE,
    maxWaiting: config.QUEUE_LIMIT,
    timeoutMs: DECODE_TIMEOUT_MS,
  });
  const encoder = createAudioEncoder({ ffmpeg, maxConcurrent: ENCODERS_AT_ONCE, stallMs: ENCODE_STALL_MS });
  const transcribe = createTranscribe({
    decode: (path, signal) => decoder.decode(path, signal),
    speechToText: engines.speechToText,
    defaults: { language: config.WHISPER_LANGUAGE, prompt: config.WHISPER_PROMPT },
    ...(config.HALLUCINATION_FILTER && { review: believable }),
  });
  const memory = createConversationMemory({
    limit: config.CONVERSATION_LIMIT,
    minutes: config.CONVERSATION_MINUTES,
  });
  // Speech is never Franco: only typed messages are looked at.
  const script = config.ARABIZI ? { toArabicScript: arabizi } : {};
  const reply = createReply({ chat: engines.chat, memory, ...script });
  const onCorrection = (): void => metrics.dialectCorrections.inc();
  const spokenChat = config.DIALECT_CHECK
    ? createDialectGuard({ chat: engines.chat, createClauseCutter, onCorrection })
    : engines.chat;
  const converse = createConverse({
    transcribe,
    reply: createReply({ chat: spokenChat, memory }),
    speak: engines.speak,
    createClauseCutter,
  });
  return { transcribe, reply, speak: engines.speak, converse, encoder };
}

async function readVersion(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
