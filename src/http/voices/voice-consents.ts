import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ConsentStore } from '../../voices/consent-store.js';
import type { VoiceCloning } from '../../voices/voice-cloning.js';
import type { ConsentRecord } from '../../voices/voice-record.js';
import { parseForm, parseJson } from '../request/fields.js';
import { uploadOf } from '../request/request-context.js';
import { requestSignal } from '../request/request-signal.js';
import { found, idOf, inField, nameField, unixSeconds } from './fields.js';
import { listPage, pageFields } from './list-page.js';

export interface ConsentsParts {
  cloning: VoiceCloning;
  consents: Pick<ConsentStore, 'list' | 'get' | 'rename' | 'remove'>;
}

export const RECORDING_FIELD = 'recording';
const OBJECT = 'audio.voice_consent';
const KIND = 'voice consent';

export const createConsentFields = z.object({
  name: nameField,
  language: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'a BCP 47 language tag such as "ar-EG"')
    .describe('Language of what is said, BCP 47.'),
});

export const renameConsentFields = z.object({ name: nameField });

/** POST /v1/audio/voice_consents: a recording in which somebody consents, as OpenAI has it. */
export function createConsentRoute({ cloning }: ConsentsParts): RequestHandler {
  return async (request, response) => {
    const { path, fields } = uploadOf(response);
    const call = { path, ...parseForm(createConsentFields, fields) };
    const signal = requestSignal(request, response);
    response.json(consentBody(await inField(RECORDING_FIELD, cloning.recordConsent(call, signal))));
  };
}

/** GET /v1/audio/voice_consents. */
export function listConsentsRoute({ consents }: ConsentsParts): RequestHandler {
  return async (request, response) => {
    const page = parseForm(pageFields, request.query);
    response.json(listPage((await consents.list()).map(consentBody), page));
  };
}

/** GET /v1/audio/voice_consents/{id}. */
export function getConsentRoute({ consents }: ConsentsParts): RequestHandler {
  return async (request, response) => {
    response.json(consentBody(found(await consents.get(idOf(request)), KIND)));
  };
}

/** POST /v1/audio/voice_consents/{id}: another name. */
export function renameConsentRoute({ consents }: ConsentsParts): RequestHandler {
  return async (request, response) => {
    const { name } = parseJson(renameConsentFields, request);
    response.json(consentBody(found(await consents.rename(idOf(request), name), KIND)));
  };
}

/** DELETE /v1/audio/voice_consents/{id}. */
export function deleteConsentRoute({ consents }: ConsentsParts): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    found(await consents.remove(id), KIND);
    response.json({ object: OBJECT, id, deleted: true });
  };
}

function consentBody({ id, name, language, createdAt }: ConsentRecord) {
  return { object: OBJECT, id, name, language, created_at: unixSeconds(createdAt) };
}
