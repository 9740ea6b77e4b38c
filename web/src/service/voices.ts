import type { ApiClient } from './api-client.js';

export interface Voice {
  id: string;
  name: string;
  type: 'built_in' | 'cloned';
  /** Engines that have a built-in voice. */
  engines?: string[];
  /** Unix time in seconds, of a cloned voice. */
  created_at?: number;
  quality?: VoiceQuality;
  consent?: { by?: string; text?: string; at: number };
}

export interface VoiceQuality {
  speech_seconds: number;
  snr_db: number;
  clipping_percent: number;
  loudness_db: number;
}

/** All voices, built-in ones first. */
export async function listVoices(api: ApiClient): Promise<Voice[]> {
  return (await api.json<{ data: Voice[] }>('v1/voices')).data;
}
