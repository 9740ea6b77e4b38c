import { createCaptions } from '../assistant/live-captions.js';
import type { OpenCaptions } from '../assistant/captions.js';
import { ASSISTANT_MODEL } from '../assistant/chat-completion.js';
import { CorrelatingEchoGuard } from '../audio/correlating-echo-guard.js';
import type { Config } from '../config/load-config.js';
import { createWordRules } from '../engines/turn/rules/word-rules.js';
import type { AccessOptions } from '../http/middleware/access-middleware.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../observability/logger.js';
import { ClientSecrets } from '../realtime/client-secrets.js';
import { createRealtimeGateway, type RealtimeGateway } from '../realtime/gateway.js';
import type { SessionOptions } from '../realtime/session/core.js';
import { createUpgradeAccess } from '../realtime/upgrade-access.js';
import { defaultPrompt } from './default-prompt.js';
import type { Engines } from './engines.js';
import type { Observability } from './observability.js';
import type { SharedState } from './shared-state.js';
import type { composeUseCases } from './use-cases.js';

export interface RealtimeParts {
  engines: Engines;
  live: ReturnType<typeof composeUseCases>['live'];
  access: AccessOptions;
  shared: SharedState;
  observed: Observability;
  logger: Logger;
  stopping: () => boolean;
  clock: Clock;
}

export interface Realtime {
  gateway: RealtimeGateway;
  secrets: ClientSecrets;
}

const MINUTE_MS = 60_000;
const CAPTION_INTERVAL_SECONDS = 0.5;

/** Live conversations over the same engines and use cases as every other call. */
export function composeRealtime(config: Config, parts: RealtimeParts): Realtime {
  const { engines, live, access, shared, observed, logger, stopping, clock } = parts;
  const session = sessionOptions(config, engines);
  const secrets = new ClientSecrets({
    defaults: session.defaults,
    longestSessionMs: session.longestMs,
    store: shared.secrets,
    wallClock: () => Date.now(),
  });
  const gateway = createRealtimeGateway({
    admit: createUpgradeAccess({ ...access, secrets }),
    maxSessions: config.ROLE === 'worker' ? 0 : config.MAX_SESSIONS,
    clock,
    logger,
    stopping,
    observer: observed.metrics.liveSessions,
    runner: {
      transcribe: live.transcribe,
      answering: { ...live, maxTokens: config.CHAT_MAX_TOKENS },
      captions: captionsOf(config, parts),
      captionDefaults: { language: config.WHISPER_LANGUAGE, prompt: defaultPrompt(config) },
      voiceActivity: engines.voiceActivity,
      turnModel: engines.turnModel,
      createEchoGuard: () => new CorrelatingEchoGuard(),
      clock,
    },
    session,
  });
  return { gateway, secrets };
}

function sessionOptions(config: Config, engines: Engines): Omit<SessionOptions, 'newId' | 'startedAt'> {
  const silenceMs = config.POST_SPEECH_SILENCE_DURATION * 1_000;
  return {
    defaults: {
      model: ASSISTANT_MODEL,
      transcriber: engines.speechToText.id,
      voice: config.TTS_SPEAKER,
      threshold: 1 - config.SILERO_SENSITIVITY,
      silenceMs,
      captions: config.ENABLE_REALTIME_TRANSCRIPTION,
    },
    turnRules: createWordRules(silenceMs),
    judgesTurns: engines.turnModel !== null,
    longestMs: config.REALTIME_SESSION_MINUTES * MINUTE_MS,
    onsetMs: config.MIN_LENGTH_OF_RECORDING * 1_000,
    longestUtteranceMs: config.MAX_AUDIO_LENGTH * 1_000,
    speculation: config.REALTIME_SPECULATION,
  };
}

/** Null when captions are switched off or the model gives no word times, which captions need. */
function captionsOf(config: Config, { engines, live, logger, clock }: RealtimeParts): OpenCaptions | null {
  const speechToText = engines.captionSpeechToText ?? engines.speechToText;
  if (!config.ENABLE_REALTIME_TRANSCRIPTION || !speechToText.capabilities.words) return null;
  return createCaptions({
    speechToText,
    lane: live.captionLane,
    intervalSeconds: CAPTION_INTERVAL_SECONDS,
    clock,
    onFailure: (error) => logger.warn({ reason: messageOf(error) }, 'captions failed'),
  });
}
