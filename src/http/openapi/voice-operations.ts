import type { z } from 'zod';
import { pageFields } from '../voices/list-page.js';
import { createOpenAiVoiceFields, SAMPLE_FIELD } from '../voices/openai-voices.js';
import { createConsentFields, RECORDING_FIELD, renameConsentFields } from '../voices/voice-consents.js';
import { cloneVoiceFields, renameVoiceFields } from '../voices/voices.js';
import type { Answer, Operation } from './operation.js';
import * as bodies from './voice-bodies.js';

const json = (description: string, body: z.ZodType): Answer => ({
  description,
  content: { 'application/json': body },
});
const VOICES = { path: '/v1/voices', tag: 'Voices' } as const;
const VOICE = { path: '/v1/voices/:id', tag: 'Voices' } as const;

const OURS: readonly Operation[] = [
  {
    ...VOICES,
    method: 'post',
    id: 'cloneVoice',
    summary: 'A voice like the one in a recording, of somebody who consents',
    body: { kind: 'multipart', fields: cloneVoiceFields, file: 'file', raw: true },
    refusals: [403],
    answers: {
      201: { ...json('The voice.', bodies.newVoice), headers: { Location: 'Where it can be read.' } },
    },
  },
  {
    ...VOICES,
    method: 'get',
    id: 'listVoices',
    summary: 'Built-in and cloned voices',
    answers: { 200: json('All of them.', bodies.voiceList) },
  },
  {
    ...VOICE,
    method: 'get',
    id: 'getVoice',
    summary: 'One voice',
    answers: { 200: json('It.', bodies.voice) },
  },
  {
    ...VOICE,
    method: 'patch',
    id: 'renameVoice',
    summary: 'Another name for a cloned voice',
    body: { kind: 'json', fields: renameVoiceFields },
    answers: { 200: json('The voice.', bodies.renamedVoice) },
  },
  {
    ...VOICE,
    method: 'delete',
    id: 'deleteVoice',
    summary: 'A cloned voice, its recording and its latents are gone',
    refusals: [400],
    answers: { 200: json('They are.', bodies.deletedVoice) },
  },
];

const OPENAI_VOICES = { path: '/v1/audio/voices', tag: 'OpenAI' } as const;
const OPENAI_VOICE = { path: '/v1/audio/voices/:id', tag: 'OpenAI' } as const;

const OPENAI: readonly Operation[] = [
  {
    ...OPENAI_VOICES,
    method: 'post',
    id: 'createOpenAiVoice',
    summary: 'A voice out of a sample and a consent recording',
    body: { kind: 'multipart', fields: createOpenAiVoiceFields, file: SAMPLE_FIELD, raw: true },
    refusals: [403, 404],
    answers: { 200: json('The voice.', bodies.openAiVoice) },
  },
  {
    ...OPENAI_VOICES,
    method: 'get',
    id: 'listOpenAiVoices',
    summary: "Cloned voices (not OpenAI's, but in the shape of its lists)",
    query: pageFields,
    refusals: [400],
    answers: { 200: json('A page of them.', bodies.pageOf(bodies.openAiVoice)) },
  },
  {
    ...OPENAI_VOICE,
    method: 'get',
    id: 'getOpenAiVoice',
    summary: "One cloned voice (not OpenAI's)",
    answers: { 200: json('It.', bodies.openAiVoice) },
  },
  {
    ...OPENAI_VOICE,
    method: 'delete',
    id: 'deleteOpenAiVoice',
    summary: 'A cloned voice is gone',
    answers: { 200: json('It is.', bodies.deletedOpenAiVoice) },
  },
];

const CONSENTS = { path: '/v1/audio/voice_consents', tag: 'OpenAI' } as const;
const CONSENT = { path: '/v1/audio/voice_consents/:id', tag: 'OpenAI' } as const;

const CONSENT_CALLS: readonly Operation[] = [
  {
    ...CONSENTS,
    method: 'post',
    id: 'createConsent',
    summary: 'A recording in which somebody consents to a voice',
    body: { kind: 'multipart', fields: createConsentFields, file: RECORDING_FIELD, raw: true },
    refusals: [403],
    answers: { 200: json('The consent.', bodies.consent) },
  },
  {
    ...CONSENTS,
    method: 'get',
    id: 'listConsents',
    summary: 'Consents',
    query: pageFields,
    refusals: [400],
    answers: { 200: json('A page of them.', bodies.pageOf(bodies.consent)) },
  },
  {
    ...CONSENT,
    method: 'get',
    id: 'getConsent',
    summary: 'One consent',
    answers: { 200: json('It.', bodies.consent) },
  },
  {
    ...CONSENT,
    method: 'post',
    id: 'renameConsent',
    summary: 'Another name for a consent',
    body: { kind: 'json', fields: renameConsentFields },
    answers: { 200: json('The consent.', bodies.consent) },
  },
  {
    ...CONSENT,
    method: 'delete',
    id: 'deleteConsent',
    summary: 'A consent and its recording are gone',
    answers: { 200: json('They are.', bodies.deletedConsent) },
  },
];

export const VOICE_OPERATIONS: readonly Operation[] = [...OURS, ...OPENAI, ...CONSENT_CALLS];
