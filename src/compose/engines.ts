import { existsSync } from 'node:fs';
import { ConfigError, type Config } from '../config/load-config.js';
import type { ChatGateway } from '../engines/llm/chat-gateway.js';
import type { ChatModel } from '../engines/llm/chat-model.js';
import type { SpeechToText } from '../engines/stt/speech-to-text.js';
import type { TextToSpeech } from '../engines/tts/text-to-speech.js';
import type { VoiceEncoder } from '../engines/tts/voice-latents.js';
import type { VoiceActivityDetector } from '../engines/vad/voice-activity.js';
import type { VoiceActivityStreams } from '../engines/vad/voice-activity-stream.js';
import type { InferenceProcess } from '../inference/inference-process.js';
import type { SupervisedEngine } from '../inference/supervised-engine.js';
import { messageOf } from '../lib/errors.js';
import type { Manifest } from '../models/manifest.js';
import { loadManifests } from '../models/manifests.js';
import { createModelStore } from '../models/model-store.js';
import { ModelProvision } from '../models/provision.js';
import { whisperManifest } from '../models/whisper-manifest.js';
import type { Logger } from '../observability/logger.js';
import { composeChats } from './chat.js';
import { composeDevice, type DeviceChoice } from '../device/device-choice.js';
import { createEngineProcesses } from './engine-processes.js';
import { composeHearing } from './hearing.js';
import { composeSpeaking, mmsVariant, type ClonedVoices } from './speaking.js';
import { voiceEncoderOf } from './voice-encoder.js';
import { checkXttsDirectory, mayUseXtts, xttsVariant, XTTS_MANIFEST } from './xtts.js';

/** Everything that hears, thinks and speaks, and the processes behind it. */
export interface Engines {
  speechToText: SpeechToText;
  detector: Pick<VoiceActivityDetector, 'probabilities'>;
  /** Voice activity of live sessions. */
  voiceActivity: VoiceActivityStreams;
  chat: ChatModel;
  completions: ChatGateway;
  /** The preferred engine first; the next one speaks when it cannot. */
  speechEngines: readonly TextToSpeech[];
  /** Clones voices; null when no engine that can clone is configured. */
  voiceEncoder: VoiceEncoder | null;
  provisions: readonly ModelProvision[];
  device: DeviceChoice;
  supervised: ReadonlyMap<string, SupervisedEngine>;
  processes: readonly InferenceProcess[];
  /** Fetches every model and loads every engine, in the background. */
  start(): void;
  /** Ends downloads and processes. */
  close(): Promise<void>;
}

/** Builds the engines. Rejects with ConfigError for a setting that names something that does not exist. */
export type EngineFactory = (config: Config, logger: Logger, cloned: () => ClonedVoices) => Promise<Engines>;

export const composeEngines: EngineFactory = async (config, logger, cloned) => {
  checkXttsDirectory(config);
  const closing = new AbortController();
  const models = await composeModels(config, logger);
  const device = await composeDevice(config, logger);
  const settings = { ...config, decideDevice: async () => (await device.decide()).device };
  const { hearing, speaking, listening } = createEngineProcesses(config, logger, device.oneProcess);
  const hears = composeHearing(settings, { hearing, listening }, models.whisper, models.vad);
  const { mms, xtts: xttsModel } = models;
  const parts = { process: speaking, mms, xtts: xttsModel, cloned, logger };
  const { speechEngines, supervised, xtts } = await composeSpeaking(settings, parts);
  const processes = [...new Set([hearing, speaking, listening])];
  supervised.set('stt', hears.engine);
  const chats = composeChats(config, logger);
  return {
    speechToText: hears.speechToText,
    detector: hears.detector,
    voiceActivity: hears.voiceActivity,
    ...chats,
    speechEngines,
    voiceEncoder: xtts && voiceEncoderOf(config, xtts, xttsModel, closing.signal),
    provisions: models.all,
    device,
    supervised,
    processes,
    start: () => {
      // The first question makes an engine look whether it is installed.
      for (const speech of speechEngines) speech.unavailableReason();
      startAll(models.all, supervised, logger);
    },
    close: async () => {
      closing.abort(new DOMException('The service is going down.', 'AbortError'));
      await hears.voiceActivity.close();
      await Promise.all([models.close(), ...processes.map((process) => process.close())]);
    },
  };
};

/** The models that the settings ask for, each on its way to this machine once it is started. */
async function composeModels(config: Config, logger: Logger) {
  const manifests = await loadManifests();
  const source = config.MODEL_SOURCE || config.HF_ENDPOINT;
  checkSource(source);
  const store = createModelStore({ directory: config.MODELS_DIR, source, token: config.HF_TOKEN, logger });
  const provide = (manifest: Manifest, variant?: string): ModelProvision =>
    new ModelProvision(store, manifest, variant, logger);
  const whisper = provide(chosenWhisper(config, manifests), config.WHISPER_PRECISION);
  const vad = provide(manifestOf('silero-vad', manifests));
  const mms =
    config.TTS_MODEL === 'espeak' ? null : provide(manifestOf('mms-tts-ara', manifests), mmsVariant(config));
  const xtts =
    mayUseXtts(config) && config.XTTS_DIR === ''
      ? provide(manifestOf(XTTS_MANIFEST, manifests), xttsVariant(config))
      : null;
  const all = [whisper, vad, mms, xtts].filter((provision) => provision !== null);
  const close = async (): Promise<void> => {
    for (const provision of all) provision.close();
    await store.close();
  };
  return { whisper, vad, mms, xtts, all, close };
}

function checkSource(source: string): void {
  if (source === '' || /^(https?|file):/i.test(source) || existsSync(source)) return;
  throw new ConfigError(`MODEL_SOURCE: there is no folder ${source}, and it is no address (https://...).`);
}

function chosenWhisper(config: Config, manifests: readonly Manifest[]): Manifest {
  try {
    return whisperManifest(config.LOCAL_WHISPER_MODEL, manifests);
  } catch (error) {
    throw new ConfigError(`LOCAL_WHISPER_MODEL: ${messageOf(error)}`, { cause: error });
  }
}

function manifestOf(id: string, manifests: readonly Manifest[]): Manifest {
  const manifest = manifests.find((candidate) => candidate.id === id);
  if (!manifest) throw new Error(`The manifest models/${id}.json is missing`);
  return manifest;
}

function startAll(
  provisions: readonly ModelProvision[],
  supervised: ReadonlyMap<string, SupervisedEngine>,
  logger: Logger,
): void {
  // The service may be closed while a model is on its way: nobody waits for it then.
  for (const provision of provisions) provision.local().catch(() => undefined);
  for (const [name, engine] of supervised) {
    engine
      .load()
      .catch((error: unknown) =>
        logger.warn({ engine: name, reason: messageOf(error) }, 'engine not loaded yet'),
      );
  }
}
