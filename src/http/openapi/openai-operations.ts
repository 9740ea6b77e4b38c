import { chatCompletionFields } from '../openai/chat-completions.js';
import { clientSecretBody, clientSecretFields } from '../openai/client-secrets.js';
import { modelBody, modelListBody } from '../openai/models.js';
import { speechFields } from '../openai/speech.js';
import { transcriptionFields } from '../openai/transcription-fields.js';
import { PERSONA_HEADER } from '../request/persona-header.js';
import { AUDIO, WARNING } from './assistant-operations.js';
import * as bodies from './openai-bodies.js';
import type { Operation } from './operation.js';

export const OPENAI_OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/realtime/client_secrets',
    id: 'createClientSecret',
    tag: 'OpenAI',
    summary: 'A short-lived key that opens live sessions',
    description: 'For browsers and phones: /v1/realtime takes it in the place of a key, for these settings.',
    body: { kind: 'json', fields: clientSecretFields },
    answers: {
      200: { description: 'The secret.', content: { 'application/json': clientSecretBody } },
    },
  },
  {
    method: 'post',
    path: '/v1/audio/transcriptions',
    id: 'createTranscription',
    tag: 'OpenAI',
    summary: 'The text of a recording',
    body: { kind: 'multipart', fields: transcriptionFields, file: 'file', raw: true },
    refusals: [404],
    answers: {
      200: {
        description:
          'By `response_format`; with `stream` the events `transcript.text.delta` and `transcript.text.done`.',
        headers: WARNING,
        content: {
          'application/json': bodies.transcription,
          'text/plain': 'text',
          'text/vtt': 'text',
          'application/x-subrip': 'text',
          'text/event-stream': 'text',
        },
      },
    },
  },
  {
    method: 'post',
    path: '/v1/audio/speech',
    id: 'createSpeech',
    tag: 'OpenAI',
    summary: 'A text, spoken',
    body: { kind: 'json', fields: speechFields },
    refusals: [404],
    answers: {
      200: {
        description:
          'The audio as it is made, or with `stream_format: sse` the events `speech.audio.delta` and `speech.audio.done`.',
        headers: { ...WARNING, 'X-Engine': 'What speaks.' },
        content: { ...AUDIO, 'text/event-stream': 'text' },
      },
    },
  },
  {
    method: 'post',
    path: '/v1/chat/completions',
    id: 'createChatCompletion',
    tag: 'OpenAI',
    summary: 'What the chat server answers',
    description: `Every other field goes to the chat server as it is. The Egyptian persona is added for \`model: "kallemni"\` or with \`${PERSONA_HEADER}: egyptian\`.`,
    body: { kind: 'json', fields: chatCompletionFields },
    refusals: [403, 404, 502],
    answers: {
      200: {
        description: 'The answer, or with `stream` its chunks.',
        headers: WARNING,
        content: { 'application/json': bodies.chatCompletion, 'text/event-stream': 'text' },
      },
    },
  },
  {
    method: 'get',
    path: '/v1/models',
    id: 'listModels',
    tag: 'OpenAI',
    summary: 'What is configured, and every name it answers to',
    answers: { 200: { description: 'All of them.', content: { 'application/json': modelListBody } } },
  },
  {
    method: 'get',
    path: '/v1/models/*id',
    id: 'getModel',
    tag: 'OpenAI',
    summary: 'One model',
    answers: { 200: { description: 'It.', content: { 'application/json': modelBody } } },
  },
];
