import { CONTENT_TYPES } from '../../audio/output-format.js';
import { chatFields } from '../routes/chat.js';
import { speakFields } from '../routes/speak.js';
import { transcribeFields } from '../routes/transcribe.js';
import { voiceChatFields } from '../routes/voice-chat.js';
import * as bodies from './bodies.js';
import type { Answer, Operation } from './operation.js';

export const AUDIO: NonNullable<Answer['content']> = Object.fromEntries(
  [...new Set(Object.values(CONTENT_TYPES))].map((type) => [type, 'binary' as const]),
);
export const WARNING = {
  'X-Warning': 'One header per warning, percent-encoded.',
  'X-Truncated': 'The headers whose texts were cut to keep the response head below 3 KiB.',
};

export const ASSISTANT_OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/transcribe',
    id: 'transcribe',
    tag: 'Assistant',
    summary: 'The text of a recording',
    body: { kind: 'multipart', fields: transcribeFields, file: 'file', raw: true },
    answers: { 200: { description: 'What was said.', content: { 'application/json': bodies.transcript } } },
  },
  {
    method: 'post',
    path: '/v1/chat',
    id: 'chat',
    tag: 'Assistant',
    summary: "The assistant's answer to a message",
    body: { kind: 'json', fields: chatFields },
    answers: {
      200: {
        description: 'The answer, or with `stream` the events `reply.delta` and `reply.done`.',
        content: { 'application/json': bodies.reply, 'text/event-stream': 'text' },
      },
    },
  },
  {
    method: 'post',
    path: '/v1/speak',
    id: 'speak',
    tag: 'Assistant',
    summary: 'A text, spoken',
    body: { kind: 'json', fields: speakFields },
    refusals: [404],
    answers: {
      200: {
        description: 'The audio, as it is made.',
        headers: { ...WARNING, 'X-Engine': 'What speaks.' },
        content: AUDIO,
      },
    },
  },
  {
    method: 'post',
    path: '/v1/voice-chat',
    id: 'voiceChat',
    tag: 'Assistant',
    summary: 'A recording in, the answer aloud',
    description: 'By `Accept`: audio (default), `application/json`, or `text/event-stream`.',
    body: { kind: 'multipart', fields: voiceChatFields, file: 'file', raw: true },
    refusals: [404],
    answers: {
      200: {
        description:
          'The answer; the event stream has `transcript.done`, `reply.delta`, `audio.delta`, `reply.done`, `done`.',
        headers: {
          ...WARNING,
          'X-Transcript': 'What was heard, percent-encoded.',
          'X-Reply': 'What is said, percent-encoded.',
          'X-Conversation': 'Send it with the next turn.',
        },
        content: { ...AUDIO, 'application/json': bodies.voiceChat, 'text/event-stream': 'text' },
      },
    },
  },
];
