import express, { type Express, type RequestHandler } from 'express';
import { unavailable } from '../lib/errors.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { errorResponse, notFound } from './error-response.js';
import { requestLog } from './middleware/request-log.js';
import { acceptUpload } from './middleware/upload.js';
import { chatRoute, type ChatRouteParts } from './routes/chat.js';
import { docsRoutes, openApiRoute } from './routes/docs.js';
import { metricsRoute } from './routes/metrics.js';
import { healthRoute, pingRoute, readyRoute, type Readiness } from './routes/health.js';
import { speakRoute, type SpeakRouteParts } from './routes/speak.js';
import { transcribeRoute } from './routes/transcribe.js';
import { voiceChatRoute, type VoiceChatRouteParts } from './routes/voice-chat.js';
import type { Transcribe } from '../assistant/transcribe.js';

export interface AppParts extends ChatRouteParts, SpeakRouteParts, VoiceChatRouteParts {
  version: string;
  logger: Logger;
  metrics: Metrics;
  transcribe: Transcribe;
  readiness: () => Readiness;
  /** True once the service is going down: no new work is taken. */
  stopping: () => boolean;
  uploads: { directory: string; maxBytes: number };
}

const MAX_JSON_BYTES = 256 * 1024;

/** The whole HTTP surface over given use cases; it listens nowhere yet. */
export function createApp(parts: AppParts): Express {
  const { logger } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestLog(logger));
  app.get('/health', healthRoute(parts.version));
  app.get('/ready', readyRoute(parts.readiness));
  app.get('/ping', pingRoute(parts.readiness));
  app.get('/metrics', metricsRoute(parts.metrics));
  app.get('/openapi.json', openApiRoute(parts.version));
  app.use('/docs', docsRoutes());
  app.use(refuseWhenStopping(parts.stopping));

  const upload = acceptUpload({ ...parts.uploads, logger });
  const json = express.json({ limit: MAX_JSON_BYTES });
  app.post('/v1/transcribe', upload, transcribeRoute(parts.transcribe));
  app.post('/v1/chat', json, chatRoute(parts));
  app.post('/v1/speak', json, speakRoute(parts));
  app.post('/v1/voice-chat', upload, voiceChatRoute(parts));

  app.use(notFound);
  app.use(errorResponse(logger));
  return app;
}

function refuseWhenStopping(stopping: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (!stopping()) return next();
    response.set('Connection', 'close');
    throw unavailable('The service is going down; another instance will answer.', 1_000, {
      code: 'shutting_down',
    });
  };
}
