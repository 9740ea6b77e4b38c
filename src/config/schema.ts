import { z } from 'zod';
import { languageOf } from '../lib/language.js';
import { apiKeys } from './api-keys.js';
import { commandLine, keyValues } from './lists.js';
import { choice, flag, host, number, origins, text, webAddress, wholeNumber } from './values.js';

const WHISPER_NAMES: Record<string, string> = { 'tiny.ar': 'tiny', 'base.ar': 'base', 'small.ar': 'small' };
const TTS_NAMES: Record<string, string> = { 'tts_models/multilingual/multi-dataset/xtts_v2': 'xtts_v2' };

/** Every environment variable: name, type, default, one line of help. The order is that of .env.example and the README. */
export const environment = z.object({
  PORT: wholeNumber(0, 65535).default(8080).describe('Port to listen on; 0 takes a free one.'),
  HOST: host
    .default('0.0.0.0')
    .describe(
      'Address to listen on; :: for IPv6 and IPv4 (private networks of hosts). The default accepts connections from other machines: set API_KEYS, or 127.0.0.1 here.',
    ),
  PROFILE: choice(['auto', 'lite', 'full'])
    .default('auto')
    .describe(
      'lite: one child process, small int8 models, under 512 MB. full: one child for hearing, one for speaking. auto looks at the memory there is.',
    ),
  DEVICE: choice(['auto', 'cpu', 'cuda']).default('auto').describe('Where models run.'),
  THREADS: wholeNumber(0, 256)
    .default(0)
    .describe('Threads of one inference child; 0 takes the cores there are.'),

  LOCAL_WHISPER_MODEL: text
    .transform((name) => WHISPER_NAMES[name] ?? name)
    .default('base')
    .describe('tiny, base, small, or a hub repository in the same layout.'),
  WHISPER_PRECISION: choice(['auto', 'fp32', 'q8'])
    .default('auto')
    .describe(
      'Which graphs to fetch: q8 (small) or fp32 (better text). auto: q8 in the lite profile, fp32 in the full one.',
    ),
  WHISPER_LANGUAGE: text
    .transform(languageOf)
    .default('ar')
    .describe('Language of the speech, ISO 639-1; arz (Egyptian Arabic) is ar.'),
  WHISPER_PROMPT: text
    .transform((prompt) => (prompt === 'none' ? '' : prompt))
    .default('أيوه يا باشا، إزيك؟ عامل إيه النهارده؟ أنا كويس الحمد لله.')
    .describe('Text in the style and spelling that transcripts should have; none for none.'),

  TTS_MODEL: text
    .transform((name) => TTS_NAMES[name] ?? name)
    .pipe(choice(['xtts_v2', 'mms', 'espeak']))
    .default('mms')
    .describe(
      'Voice engine wanted: xtts_v2, mms or espeak. Where it cannot speak, the next of them does, with a warning.',
    ),
  TTS_LANGUAGE: text.default('ar').describe('Language of the voice.'),
  TTS_SPEAKER: text
    .default('female_1')
    .describe('Default voice: a name, or the id of a cloned voice with xtts_v2.'),
  COQUI_TOS_AGREED: flag
    .default(false)
    .describe(
      '1 accepts the licence of the XTTS v2 weights: non-commercial use only. Without it xtts_v2 stays off.',
    ),
  XTTS_DIR: text
    .default('')
    .describe('Folder of an XTTS v2 model in ONNX. Empty: fetched from the hub (gated: needs HF_TOKEN).'),
  XTTS_PRECISION: choice(['auto', 'int8', 'fp32'])
    .default('auto')
    .describe(
      'Decoder of XTTS: int8 (three times as fast, a quarter of the memory) or fp32. auto: int8 where the folder has it.',
    ),
  XTTS_VOICES: keyValues
    .default({})
    .describe(
      'More names for the voices of the model folder: female_1=Claribel Dervla, separated by commas. The studio voices of XTTS v2 have theirs.',
    ),
  VOICES_DIR: text
    .default('')
    .describe(
      'Where cloned voices are kept; on a disk that lasts. Empty: the folder voices beside MODELS_DIR.',
    ),
  MAX_VOICES: wholeNumber(1, 10_000).default(100).describe('Cloned voices kept; more are refused.'),
  ENABLE_VOICE_CLONING: flag.default(true).describe('Allow new cloned voices (engines that can).'),

  OPENROUTER_API_KEY: text
    .default('')
    .describe('Key for OpenRouter. Without it, and without OPENAI_BASE_URL, an offline responder answers.'),
  OPENROUTER_MODEL: text.default('google/gemma-4-31b-it').describe('Chat model.'),
  OPENROUTER_FALLBACK_MODELS: text
    .default('google/gemma-4-26b-a4b-it,google/gemma-3-27b-it')
    .describe('Models tried next, in order, separated by commas (OpenRouter only).'),
  OPENAI_BASE_URL: webAddress('http://localhost:11434/v1')
    .default('')
    .describe(
      'Any OpenAI-compatible chat server instead of OpenRouter, for instance http://localhost:11434/v1.',
    ),
  OPENAI_API_KEY: text.default('').describe('Key for OPENAI_BASE_URL, where it wants one.'),
  CHAT_SERVER: text
    .pipe(
      z.enum([
        'auto',
        'openrouter',
        'vllm',
        'sglang',
        'llamacpp',
        'ollama',
        'lmstudio',
        'deepseek',
        'compatible',
      ]),
    )
    .default('auto')
    .describe(
      'What serves OPENAI_BASE_URL, so that its model is asked not to think before it answers: auto (by the address), openrouter, vllm, sglang, llamacpp, ollama, lmstudio, deepseek, compatible.',
    ),
  CHAT_TIMEOUT_SECONDS: wholeNumber(1, 600)
    .default(30)
    .describe('Longest silence of the chat server, before and between parts of a reply.'),
  CHAT_MAX_TOKENS: wholeNumber(16, 8192).default(300).describe('Longest reply, in tokens.'),
  AI_LANGUAGE: text
    .pipe(choice(['arabic_egyptian']))
    .default('arabic_egyptian')
    .describe('Persona of the assistant.'),
  CONVERSATION_LIMIT: wholeNumber(1, 1_000_000)
    .default(1000)
    .describe('Conversations kept in memory at once.'),
  CONVERSATION_MINUTES: wholeNumber(1, 10_080)
    .default(60)
    .describe('A conversation is forgotten after this long without a message.'),

  HALLUCINATION_FILTER: flag
    .default(true)
    .describe('Leave out text that Whisper invents on silence and music; reported in "dropped".'),
  NORMALISE_SPEECH: flag
    .default(true)
    .describe('Say numbers, prices, dates, times and symbols as a Cairene does.'),
  ARABIZI: flag
    .default(true)
    .describe('Give the chat model Arabic script for messages typed in Franco (3amel eh).'),
  DIALECT_CHECK: flag
    .default(true)
    .describe('Ask the chat model once more when a spoken reply begins in formal Arabic.'),

  MAX_AUDIO_LENGTH: wholeNumber(1, 14_400)
    .default(120)
    .describe('Longest recording in seconds; longer ones get 413.'),
  MAX_UPLOAD_MB: wholeNumber(1, 2048).default(25).describe('Largest upload in MiB.'),
  AUDIO_SAMPLE_RATE: number
    .refine((rate) => rate === 16000, 'Whisper hears 16000 Hz')
    .default(16000)
    .describe('Rate recordings are converted to; Whisper hears 16000.'),
  FFMPEG_PATH: text.default('ffmpeg').describe('The ffmpeg program.'),
  ESPEAK_PATH: text.default('espeak-ng').describe('The espeak-ng program.'),

  MODELS_DIR: text.default('/tmp/kallemni/models').describe('Where models are kept.'),
  MODEL_SOURCE: text
    .default('')
    .describe('Hub URL, mirror, or a local directory in hub layout. Empty: HF_ENDPOINT or the public hub.'),
  HF_ENDPOINT: webAddress('https://hub.example.org').default('').describe('Mirror of the hub.'),
  HF_TOKEN: text.default('').describe('Token for gated models; sent to the configured hub only.'),

  API_KEYS: apiKeys
    .default([])
    .describe(
      'Who may call: name:secret, separated by commas, sent as "Authorization: Bearer secret" or "x-api-key: secret". Empty: everyone.',
    ),
  RATE_LIMIT: wholeNumber(0, 1_000_000)
    .default(0)
    .describe('Calls per minute of one key, or of one address without a key; 0 for no limit.'),
  RATE_LIMIT_AUDIO_SECONDS: wholeNumber(0, 100_000_000)
    .default(0)
    .describe('Seconds of recordings per minute of one key or address; 0 for no limit.'),
  CORS_ORIGINS: origins
    .default([])
    .describe(
      'Web pages and hybrid apps (capacitor://localhost) that may call: origins separated by commas, or *.',
    ),
  TRUST_PROXY: wholeNumber(0, 10)
    .default(0)
    .describe('Reverse proxies in front of the service; that many X-Forwarded-For entries are believed.'),
  MAX_CONNECTIONS: wholeNumber(1, 100_000)
    .default(1000)
    .describe('Open connections at once; more are closed as they come.'),

  MAX_WAITING: wholeNumber(0, 10_000)
    .default(1)
    .describe(
      'A call is taken when its wait is expected to be at most this many times what one call takes; otherwise it gets 429 at once.',
    ),
  QUEUE_LIMIT: wholeNumber(0, 10_000).default(16).describe('Calls that may wait per engine; more get 429.'),
  INFERENCE_TIMEOUT_SECONDS: wholeNumber(1, 3600)
    .default(60)
    .describe('Longest time of one engine call, plus twice the length of its audio.'),
  IDLE_UNLOAD_SECONDS: wholeNumber(0, 604_800)
    .default(900)
    .describe('An inference process ends after this long without work and gives its memory back; 0 never.'),
  CHILD_MEMORY_LIMIT_MB: wholeNumber(0, 1_048_576)
    .default(0)
    .describe(
      'An idle inference process above this resident size is replaced; 0 derives it from the profile.',
    ),
  SHUTDOWN_GRACE_SECONDS: wholeNumber(0, 3600)
    .default(25)
    .describe('How long running calls may finish after SIGTERM.'),

  LOG_LEVEL: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe log line.'),
  LOG_CONTENT: flag
    .default(false)
    .describe('Log what was said and answered, in lines marked "content": for development only.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress('http://localhost:4318')
    .default('')
    .describe('Collector that traces are sent to (OTLP over HTTP), for instance http://localhost:4318.'),
  OTEL_EXPORTER_OTLP_HEADERS: keyValues
    .default({})
    .describe('Headers for the collector: name=value, separated by commas.'),
  OTEL_SERVICE_NAME: text.default('kallemni').describe('Name of this service in traces.'),
  OTEL_RESOURCE_ATTRIBUTES: keyValues
    .default({})
    .describe('More attributes of this service in traces: name=value, separated by commas.'),

  AUTO_SHUTDOWN_MINUTES: number
    .pipe(z.number().min(0).max(10_080))
    .default(0)
    .describe('End the service after this long without work, for rented machines; 0 never.'),
  AUTO_SHUTDOWN_COMMAND: commandLine
    .default([])
    .describe(
      'Program that stops the machine after such an end: words, or a JSON array of strings. No shell.',
    ),
  RUNPOD_API_KEY: text
    .default('')
    .describe('With RUNPOD_POD_ID: the pod is stopped at RunPod after such an end.'),
  RUNPOD_POD_ID: text.default('').describe('Set by RunPod in every pod.'),
  RUNPOD_API_URL: webAddress('https://rest.runpod.io/v1')
    .default('https://rest.runpod.io/v1')
    .describe("RunPod's REST API."),
});

export type Environment = z.infer<typeof environment>;
