import { join } from 'node:path';
import { createAudioDecoder } from '../../src/audio/decode.js';
import type { TextToSpeech } from '../../src/engines/tts/text-to-speech.js';
import type { VoiceEncoder } from '../../src/engines/tts/voice-latents.js';
import { FakeVoiceActivity } from '../../src/engines/vad/fake-voice-activity.js';
import type { VoiceActivityDetector } from '../../src/engines/vad/voice-activity.js';
import { ConsentStore } from '../../src/voices/consent-store.js';
import { MOST_SECONDS, REFERENCE_RATE } from '../../src/voices/reference-recording.js';
import { createVoiceCloning } from '../../src/voices/voice-cloning.js';
import { VoiceStore } from '../../src/voices/voice-store.js';

export interface VoicePartsOptions {
  directory: string;
  engines: readonly TextToSpeech[];
  /** Nothing that can clone unless it is given. */
  encoder?: VoiceEncoder | null;
  detector?: Pick<VoiceActivityDetector, 'probabilities'>;
  enabled?: boolean;
  limit?: number;
}

/** Everything about voices, on a real disk with real audio. */
export function voiceParts(options: VoicePartsOptions) {
  const { directory, engines, encoder = null, detector = new FakeVoiceActivity(), limit = 10 } = options;
  const voices = new VoiceStore({ directory: join(directory, 'voices'), limit, encoder });
  const consents = new ConsentStore({ directory: join(directory, 'consents'), limit });
  const decoder = createAudioDecoder({
    ffmpeg: { path: 'ffmpeg' },
    maxSeconds: MOST_SECONDS,
    maxConcurrent: 2,
    maxWaiting: 8,
    timeoutMs: 20_000,
    sampleRate: REFERENCE_RATE,
  });
  const cloning = createVoiceCloning({
    decode: (path, signal) => decoder.decode(path, signal),
    detector,
    voices,
    consents,
    enabled: options.enabled ?? true,
  });
  return { cloning, voices, consents, engines };
}
