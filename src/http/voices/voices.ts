import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { TextToSpeech } from '../../engines/tts/text-to-speech.js';
import { invalidRequest } from '../../lib/errors.js';
import type { VoiceCloning } from '../../voices/voice-cloning.js';
import type { VoiceRecord } from '../../voices/voice-record.js';
import type { VoiceStore } from '../../voices/voice-store.js';
import { formBoolean } from '../request/field-types.js';
import { parseForm, parseJson } from '../request/fields.js';
import { uploadOf } from '../request/request-context.js';
import { requestSignal } from '../request/request-signal.js';
import { found, idOf, nameField, unixSeconds } from './fields.js';

export interface VoicesParts {
  cloning: VoiceCloning;
  voices: Pick<VoiceStore, 'list' | 'get' | 'rename' | 'remove'>;
  /** Whose built-in voices are listed, too. */
  engines: readonly TextToSpeech[];
}

const CONSENT = 'send consent=true once the person whose voice it is has consented';

export const cloneVoiceFields = z.object({
  name: nameField,
  consent: formBoolean(z.literal(true, CONSENT)),
  consent_by: nameField.describe('Who consents: the person whose voice it is.'),
  consent_text: z.string().trim().min(1).max(2_000).optional().describe('What was consented to.'),
});

export const renameVoiceFields = z.object({ name: nameField });

/** POST /v1/voices: a recording of somebody who consents becomes a voice. */
export function cloneVoiceRoute({ cloning }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const upload = uploadOf(response);
    const { name, consent_by: by, consent_text: text } = parseForm(cloneVoiceFields, upload.fields);
    const { voice, warnings } = await cloning.clone(
      { path: upload.path, name, consent: { by, ...(text !== undefined && { text }) } },
      requestSignal(request, response),
    );
    response
      .status(201)
      .location(`/v1/voices/${voice.id}`)
      .json({ ...clonedBody(voice), warnings });
  };
}

/** GET /v1/voices: those that are built in, then the cloned ones, the newest first. */
export function listVoicesRoute({ voices, engines }: VoicesParts): RequestHandler {
  return async (_request, response) => {
    const cloned = await voices.list();
    response.json({ object: 'list', data: [...builtIn(engines), ...cloned.map(clonedBody)] });
  };
}

/** GET /v1/voices/{id}. */
export function getVoiceRoute({ voices, engines }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    const known = builtIn(engines).find((voice) => voice.id === id);
    response.json(known ?? clonedBody(found(await voices.get(id), 'voice')));
  };
}

/** PATCH /v1/voices/{id}: another name. */
export function renameVoiceRoute({ voices, engines }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    refuseBuiltIn(engines, id);
    const { name } = parseJson(renameVoiceFields, request);
    response.json(clonedBody(found(await voices.rename(id, name), 'voice')));
  };
}

/** DELETE /v1/voices/{id}: the voice, its recording and its latents are gone. */
export function deleteVoiceRoute({ voices, engines }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    refuseBuiltIn(engines, id);
    found(await voices.remove(id), 'voice');
    response.json({ id, deleted: true });
  };
}

function builtIn(engines: readonly TextToSpeech[]) {
  const names = [...new Set(engines.flatMap(({ voices }) => voices))];
  return names.map((name) => ({
    id: name,
    name,
    type: 'built_in',
    engines: engines.filter(({ voices }) => voices.includes(name)).map(({ id }) => id),
  }));
}

function clonedBody({ id, name, createdAt, quality, consent }: VoiceRecord) {
  return {
    id,
    name,
    type: 'cloned',
    created_at: unixSeconds(createdAt),
    quality: {
      speech_seconds: quality.speechSeconds,
      snr_db: quality.snrDb,
      clipping_percent: quality.clippingPercent,
      loudness_db: quality.loudnessDb,
    },
    consent: { by: consent.by, text: consent.text, at: unixSeconds(consent.at) },
  };
}

function refuseBuiltIn(engines: readonly TextToSpeech[], id: string): void {
  if (!engines.some(({ voices }) => voices.includes(id))) return;
  throw invalidRequest('This voice is built in: only cloned voices can be changed.', {
    code: 'built_in_voice',
    param: 'id',
  });
}
