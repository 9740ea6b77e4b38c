import { ASSISTANT_OPERATIONS } from './assistant-operations.js';
import { OPENAI_OPERATIONS } from './openai-operations.js';
import type { Operation } from './operation.js';
import { SERVICE_OPERATIONS } from './service-operations.js';
import { VOICE_OPERATIONS } from './voice-operations.js';

/** Every call there is. A test holds it against the routes of the app. */
export const OPERATIONS: readonly Operation[] = [
  ...ASSISTANT_OPERATIONS,
  ...VOICE_OPERATIONS,
  ...OPENAI_OPERATIONS,
  ...SERVICE_OPERATIONS,
];
