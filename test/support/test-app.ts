import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { admitTranscribe, admitTranscribeStream } from '../../src/assistant/admitted.js';
import { createChatCompletions } from '../../src/assistant/chat-completion.js';
import { completionsOfModel } from '../../src/assistant/completions-of-model.js';
import { createConversationMemory } from '../../src/assistant/conversation-memory.js';
import { createConverse } from '../../src/assistant/converse.js';
import { createReply } from '../../src/assistant/reply.js';
import { createSpeak } from '../../src/assistant/speak.js';
import {
  createTranscribe,
  createTranscribeStream,
  type TranscribeParts,
} from '../../src/assistant/transcribe.js';
import { createAudioDecoder } from '../../src/audio/decode.js';
import { createAudioEncoder } from '../../src/audio/encode.js';
import { createClauseCutter, splitClauses } from '../../src/egyptian/clauses/clauses.js';
import type { ChatGateway } from '../../src/engines/llm/chat-gateway.js';
import { FakeChatModel, type FakeChatReply } from '../../src/engines/llm/fake-chat-model.js';
import { FakeSpeechToText, type FakeSpeechToTextOptions } from '../../src/engines/stt/fake-speech-to-text.js';
import { FakeTextToSpeech, type FakeSpeechOptions } from '../../src/engines/tts/fake-text-to-speech.js';
import type { AccessOptions } from '../../src/http/access.js';
import type { CatalogueModel, ModelCatalogue } from '../../src/http/openai/model-catalogue.js';
import { createApp } from '../../src/http/app.js';
import { listen, type HttpServer } from '../../src/http/server.js';
import { Admission } from '../../src/lib/admission.js';
import { createLogger } from '../../src/observability/logger.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { voiceParts, type VoicePartsOptions } from './voice-parts.js';

export interface TestAppOptions {
  hears?: FakeSpeechToTextOptions;
  replies?: readonly FakeChatReply[];
  speaks?: FakeSpeechOptions;
  /** What answers chat completions; the scripted chat model unless a test is about that. */
  gateway?: ChatGateway;
  maxSeconds?: number;
  maxBytes?: number;
  access?: Partial<AccessOptions>;
  /** Calls that may wait to be heard; as many as come unless a test is about that. */
  maxWaiting?: number;
  voices?: Partial<VoicePartsOptions>;
}

const TEST_CATALOGUE: ModelCatalogue = {
  created: 1,
  models: [
    entry('fake-chat', 'chat', ['kallemni']),
    entry('fake-stt', 'transcription', ['whisper-1', 'gpt-4o-transcribe', 'gpt-transcribe']),
    entry('fake-tts', 'speech', ['tts-1']),
  ],
};

function entry(id: string, kind: CatalogueModel['kind'], aliases: string[]): CatalogueModel {
  return { id, kind, aliases, ownedBy: 'kallemni', licence: 'MIT', state: () => 'ready' };
}

/** A short recording of real speech (public domain). */
export const SPEECH_SAMPLE = fileURLToPath(new URL('../fixtures/speech-sample.m4a', import.meta.url));

/** The whole HTTP surface with real audio and scripted engines. */
export function createTestApp(options: TestAppOptions = {}) {
  const uploads = mkdtempSync(join(tmpdir(), 'kallemni-test-'));
  const voicesDirectory = mkdtempSync(join(tmpdir(), 'kallemni-voices-'));
  const hearing = new FakeSpeechToText(options.hears);
  const chat = new FakeChatModel(...(options.replies ?? []));
  const voice = new FakeTextToSpeech(options.speaks);
  const ffmpeg = { path: 'ffmpeg' };
  const decoder = createAudioDecoder({
    ffmpeg,
    maxSeconds: options.maxSeconds ?? 30,
    maxConcurrent: 2,
    maxWaiting: 8,
    timeoutMs: 20_000,
  });
  const hears = new Admission({ maxWaiting: options.maxWaiting ?? Infinity });
  const transcribing: TranscribeParts = {
    decode: (path, signal) => decoder.decode(path, signal),
    speechToText: hearing,
    defaults: { language: 'ar', prompt: '' },
  };
  const transcribe = admitTranscribe(createTranscribe(transcribing), hears);
  const reply = createReply({ chat, memory: createConversationMemory({ limit: 10, minutes: 10 }) });
  const speak = createSpeak({ engines: [voice], splitClauses });
  const state = { ready: true, stopping: false };
  const app = createApp({
    hearing: hears,
    access: {
      keys: [],
      limits: { requests: 0, audioSeconds: 0 },
      origins: [],
      trustProxy: 0,
      ...options.access,
    },
    voices: voiceParts({ directory: voicesDirectory, engines: [voice], ...options.voices }),
    version: '1.2.3',
    logger: createLogger('silent'),
    metrics: createMetrics(),
    transcribe,
    transcribeStream: admitTranscribeStream(createTranscribeStream(transcribing), hears),
    completions: createChatCompletions({ gateway: options.gateway ?? completionsOfModel(chat, null) }),
    catalogue: TEST_CATALOGUE,
    reply,
    speak,
    converse: createConverse({ transcribe, reply, speak, createClauseCutter }),
    encoder: createAudioEncoder({ ffmpeg, maxConcurrent: 8, stallMs: 20_000 }),
    readiness: () => ({ ready: state.ready, details: {} }),
    stopping: () => state.stopping,
    uploads: { directory: uploads, maxBytes: options.maxBytes ?? 2 ** 20 },
  });
  return {
    app,
    hearing,
    chat,
    voice,
    state,
    leftUploads: () => readdirSync(uploads),
    remove: () => {
      for (const folder of [uploads, voicesDirectory]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same on a real port. */
export async function startTestApp(options: TestAppOptions = {}) {
  const parts = createTestApp(options);
  const server: HttpServer = await listen(parts.app, 0, '127.0.0.1');
  return {
    ...parts,
    url: `http://127.0.0.1:${server.port}`,
    async stop() {
      await server.stop(0);
      parts.remove();
    },
  };
}
