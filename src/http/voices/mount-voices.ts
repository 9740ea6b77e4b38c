import type { Express, RequestHandler } from 'express';
import * as openAi from './openai-voices.js';
import * as consents from './voice-consents.js';
import * as ownVoices from './own-voices.js';

export type VoiceRouteParts = ownVoices.VoicesParts & consents.ConsentsParts;

export interface VoiceMiddleware {
  json: RequestHandler[];
  /** Accepts a recording in this multipart field, of at most `maxBytes`. */
  upload: (field: string, maxBytes?: number) => RequestHandler[];
}

/** OpenAI's limit for recordings of voices and of consent. */
const OPENAI_BYTES = 10 * 2 ** 20;

/** The calls for voices: ours under /v1/voices, OpenAI's under /v1/audio. */
export function mountVoices(app: Express, parts: VoiceRouteParts, { json, upload }: VoiceMiddleware): void {
  const { cloning } = parts;
  // Checked before the upload is read: a phone should not upload a recording that is rejected anyway.
  const enabled = before(() => cloning.checkEnabled());
  const clones = before(() => cloning.checkCloning());

  app.post('/v1/voices', clones, upload('file'), ownVoices.cloneVoiceRoute(parts));
  app.get('/v1/voices', ownVoices.listVoicesRoute(parts));
  app.get('/v1/voices/:id', ownVoices.getVoiceRoute(parts));
  app.patch('/v1/voices/:id', json, ownVoices.renameVoiceRoute(parts));
  app.delete('/v1/voices/:id', ownVoices.deleteVoiceRoute(parts));

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
