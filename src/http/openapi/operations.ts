import { chatCompletionOperation } from '../openai/chat-completions.js';
import { clientSecretOperation } from '../openai/client-secrets.js';
import { getModelOperation, listModelsOperation } from '../openai/models.js';
import { speechOperation } from '../openai/speech.js';
import { jobOperations } from '../jobs/job-operations.js';
import { transcriptionOperation } from '../openai/transcriptions.js';
import { chatOperation } from '../routes/chat.js';
import { docsOperation, openApiOperation } from '../routes/docs.js';
import { healthOperation, pingOperation, readyOperation } from '../routes/health.js';
import { metricsOperation } from '../routes/metrics.js';
import { speakOperation } from '../routes/speak.js';
import { transcribeOperation } from '../routes/transcribe.js';
import { voiceChatOperation } from '../routes/voice-chat.js';
import { openAiUploadOperations } from '../uploads/openai-uploads.js';
import { tusOperations } from '../uploads/tus-operations.js';
import { openAiVoiceOperations } from '../voices/openai-voices.js';
import { consentOperations } from '../voices/voice-consents.js';
import { voiceOperations } from '../voices/own-voices.js';
import type { Operation } from './operation.js';

/** Every call of the API. A test compares the list with the routes of the app. */
export const OPERATIONS: readonly Operation[] = [
  transcribeOperation,
  chatOperation,
  speakOperation,
  voiceChatOperation,
  ...voiceOperations,
  ...openAiUploadOperations,
  ...tusOperations,
  transcriptionOperation,
  speechOperation,
  chatCompletionOperation,
  clientSecretOperation,
  listModelsOperation,
  getModelOperation,
  ...openAiVoiceOperations,
  ...consentOperations,
  ...jobOperations,
  healthOperation,
  readyOperation,
  pingOperation,
  metricsOperation,
  openApiOperation,
  docsOperation,
];
