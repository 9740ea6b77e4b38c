export interface TalkSettings {
  /** Empty: the service's default. */
  voice: string;
  speed: number;
  /** Milliseconds of silence that end a turn. */
  silenceMs: number;
  instructions: string;
}

export const SPEED = { least: 0.5, most: 1.5, step: 0.05 };
export const SILENCE_MS = { least: 300, most: 2_000, step: 50 };
export const MOST_INSTRUCTIONS = 2_000;

const STORED_AS = 'kallemni.talk';
const DEFAULTS: TalkSettings = { voice: '', speed: 1, silenceMs: 700, instructions: '' };

/** The settings of the last visit. What is stored is checked: an older page may have written it. */
export function loadTalkSettings(storage: Storage = localStorage): TalkSettings {
  try {
    const stored: unknown = JSON.parse(storage.getItem(STORED_AS) ?? '{}');
    const { voice, speed, silenceMs, instructions } = Object(stored) as Partial<Record<string, unknown>>;
    return {
      voice: typeof voice === 'string' ? voice : DEFAULTS.voice,
      speed: numberIn(speed, SPEED) ?? DEFAULTS.speed,
      silenceMs: numberIn(silenceMs, SILENCE_MS) ?? DEFAULTS.silenceMs,
      instructions: typeof instructions === 'string' ? instructions : DEFAULTS.instructions,
    };
  } catch {
    return { ...DEFAULTS };
  }
}

export function saveTalkSettings(settings: TalkSettings, storage: Storage = localStorage): void {
  storage.setItem(STORED_AS, JSON.stringify(settings));
}

function numberIn(value: unknown, { least, most }: { least: number; most: number }): number | null {
  return typeof value === 'number' && value >= least && value <= most ? value : null;
}
