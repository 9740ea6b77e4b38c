import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { VoiceRecord } from '../../voices/voice-record.js';
import { parseForm } from '../request/fields.js';
import { uploadOf } from '../request/request-context.js';
import { requestSignal } from '../request/request-signal.js';
import { found, idOf, inField, nameField, unixSeconds } from './fields.js';
import { listPage, pageFields } from './list-page.js';
import type { VoicesParts } from './voices.js';

export const SAMPLE_FIELD = 'audio_sample';

export const createOpenAiVoiceFields = z.object({
  name: nameField,
  consent: z.string().describe('The id of a consent recording.'),
  type: z
    .literal(SAMPLE_FIELD, 'only "audio_sample": voices cannot be made of a description here')
    .default(SAMPLE_FIELD),
});

/** POST /v1/audio/voices, as OpenAI has it. */
export function createOpenAiVoiceRoute({ cloning }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const { path, fields } = uploadOf(response);
    const { name, consent } = parseForm(createOpenAiVoiceFields, fields);
    const call = { path, name, consent: { recording: consent } };
    const { voice } = await inField(SAMPLE_FIELD, cloning.clone(call, requestSignal(request, response)));
    response.json(openAiVoice(voice));
  };
}

/** GET /v1/audio/voices: not OpenAI's, but in the shape of its lists. */
export function listOpenAiVoicesRoute({ voices }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const page = parseForm(pageFields, request.query);
    response.json(listPage((await voices.list()).map(openAiVoice), page));
  };
}

/** GET /v1/audio/voices/{id}: not OpenAI's either. */
export function getOpenAiVoiceRoute({ voices }: VoicesParts): RequestHandler {
  return async (request, response) => {
    response.json(openAiVoice(found(await voices.get(idOf(request)), 'voice')));
  };
}

/** DELETE /v1/audio/voices/{id}. */
export function deleteOpenAiVoiceRoute({ voices }: VoicesParts): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    found(await voices.remove(id), 'voice');
    response.json({ object: 'audio.voice.deleted', id, deleted: true });
  };
}

function openAiVoice({ id, name, createdAt }: VoiceRecord) {
  return { object: 'audio.voice', id, name, created_at: unixSeconds(createdAt), type: SAMPLE_FIELD };
}
