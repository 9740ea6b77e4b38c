import type { Express, RequestHandler } from 'express';
import { chatCompletionsRoute, type ChatCompletionsRouteParts } from './chat-completions.js';
import { modelRoute, modelsRoute } from './models.js';
import { speechRoute, type SpeechRouteParts } from './speech.js';
import { transcriptionsRoute, type TranscriptionsRouteParts } from './transcriptions.js';

export type OpenAiRouteParts = ChatCompletionsRouteParts & SpeechRouteParts & TranscriptionsRouteParts;

export interface OpenAiMiddleware {
  json: RequestHandler[];
  /** For conversations, the longest JSON bodies. */
  longJson: RequestHandler[];
  upload: RequestHandler[];
}

/** OpenAI's calls. A program written for OpenAI needs only another base URL. */
export function mountOpenAi(
  app: Express,
  parts: OpenAiRouteParts,
  { json, longJson, upload }: OpenAiMiddleware,
): void {
  app.get('/v1/models', modelsRoute(parts.catalogue));
  app.get('/v1/models/*id', modelRoute(parts.catalogue));
  app.post('/v1/chat/completions', longJson, chatCompletionsRoute(parts));
  app.post('/v1/audio/speech', json, speechRoute(parts));
  app.post('/v1/audio/transcriptions', upload, transcriptionsRoute(parts));
}
