import { ASSISTANT_MODEL, takesOpenAiNames } from '../assistant/chat-completion.js';
import type { CatalogueModel, ModelCatalogue } from '../http/openai/model-catalogue.js';
import type { Engines } from './engines.js';

const TRANSCRIPTION_NAMES = [
  'whisper-1',
  'gpt-transcribe',
  'gpt-4o-transcribe',
  'gpt-4o-transcribe-diarize',
  'gpt-4o-mini-transcribe',
  'gpt-4o-mini-transcribe-2025-12-15',
];
const SPEECH_NAMES = ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts', 'gpt-4o-mini-tts-2025-12-15'];
/** The most common ones. Every other name of an OpenAI chat model is treated the same. */
const CHAT_NAMES = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini'];
const OURS = 'kallemni';

/** Every configured model under its own name, and under the OpenAI names that select it. */
export function catalogueOf(engines: Engines): ModelCatalogue {
  return {
    created: Math.floor(Date.now() / 1_000),
    models: [chatModel(engines), transcriptionModel(engines), ...speechModels(engines)],
  };
}

function chatModel({ completions }: Engines): CatalogueModel {
  const { model, notice } = completions;
  const [owner, name] = model.split('/');
  return {
    id: model,
    kind: 'chat',
    aliases: [ASSISTANT_MODEL, ...(takesOpenAiNames(model) ? CHAT_NAMES : [])],
    ownedBy: name === undefined ? OURS : (owner ?? OURS),
    licence: null,
    state: () => (notice === null ? 'remote' : 'offline'),
  };
}

function transcriptionModel({ speechToText, provisions, supervised }: Engines): CatalogueModel {
  const provision = provisions.find(({ id }) => id === speechToText.id);
  return {
    id: speechToText.id,
    kind: 'transcription',
    aliases: [...TRANSCRIPTION_NAMES, ASSISTANT_MODEL],
    ownedBy: OURS,
    licence: provision?.licence ?? null,
    state: () => {
      const fetched = provision?.progress().state ?? 'ready';
      return fetched === 'ready' ? (supervised.get('stt')?.state().status ?? 'off') : fetched;
    },
  };
}

function speechModels({ speechEngines }: Engines): CatalogueModel[] {
  return speechEngines.map((voice, index) => ({
    id: voice.id,
    kind: 'speech',
    aliases: index === 0 ? [...SPEECH_NAMES, ASSISTANT_MODEL] : [],
    ownedBy: OURS,
    licence: voice.licence,
    state: () => (voice.unavailable() === null ? 'ready' : 'unavailable'),
  }));
}
