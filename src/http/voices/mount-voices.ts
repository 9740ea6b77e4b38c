import type { Express, RequestHandler } from 'express';
import * as openAi from './openai-voices.js';
import * as consents from './voice-consents.js';
import * as voices from './voices.js';

export type VoiceRouteParts = voices.VoicesParts & consents.ConsentsParts;

export interface VoiceMiddleware {
  json: RequestHandler[];
  /** Takes a recording in the multipart field of this name, of so many bytes at most where they are given. */
  upload: (field: string, maxBytes?: number) => RequestHandler[];
}

/** OpenAI's limit for recordings of voices and of consent. */
const OPENAI_BYTES = 10 * 2 ** 20;

/** Everything about voices: ours under /v1/voices, OpenAI's under /v1/audio. */
export function mountVoices(app: Express, parts: VoiceRouteParts, { json, upload }: VoiceMiddleware): void {
  const { cloning } = parts;
  // Before the upload is read: a refusal should not cost the caller's minutes on a phone's line.
  const enabled = before(() => cloning.checkEnabled());
  const clones = before(() => cloning.checkCloning());

  app.post('/v1/voices', clones, upload('file'), voices.cloneVoiceRoute(parts));
  app.get('/v1/voices', voices.listVoicesRoute(parts));
  app.get('/v1/voices/:id', voices.getVoiceRoute(parts));
  app.patch('/v1/voices/:id', json, voices.renameVoiceRoute(parts));
  app.delete('/v1/voices/:id', voices.deleteVoiceRoute(parts));

  const sample = upload(openAi.SAMPLE_FIELD, OPENAI_BYTES);
  app.post('/v1/audio/voices', clones, sample, openAi.createOpenAiVoiceRoute(parts));
  app.get('/v1/audio/voices', openAi.listOpenAiVoicesRoute(parts));
  app.get('/v1/audio/voices/:id', openAi.getOpenAiVoiceRoute(parts));
  app.delete('/v1/audio/voices/:id', openAi.deleteOpenAiVoiceRoute(parts));

  const recording = upload(consents.RECORDING_FIELD, OPENAI_BYTES);
  app.post('/v1/audio/voice_consents', enabled, recording, consents.createConsentRoute(parts));
  app.get('/v1/audio/voice_consents', consents.listConsentsRoute(parts));
  app.get('/v1/audio/voice_consents/:id', consents.getConsentRoute(parts));
  app.post('/v1/audio/voice_consents/:id', json, consents.renameConsentRoute(parts));
  app.delete('/v1/audio/voice_consents/:id', consents.deleteConsentRoute(parts));
}

function before(check: () => void): RequestHandler {
  return (_request, _response, next) => {
    check();
    next();
  };
}
