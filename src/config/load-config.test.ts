import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load-config.js';
import { environment } from './schema.js';

const large = { memoryBytes: 8 * 2 ** 30, cores: 4 };
const small = { memoryBytes: 2 ** 29, cores: 1 };

/** The expected content of .env.example: every variable with its help and default. */
function renderExample(): string {
  const variables = Object.entries(environment.shape).map(([name, schema]) => {
    const fallback: unknown = schema.parse(undefined);
    return `# ${schema.description ?? ''}\n#${name}=${written(fallback)}\n`;
  });
  return `# Every setting with its default. Copy to .env and remove the "#" of what you change.\n\n${variables.join('\n')}`;
}

function written(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return String(value);
  return Object.entries(value)
    .map((pair) => pair.join('='))
    .join(',');
}

describe('the settings', () => {
  it('have working defaults and need no variable', () => {
    expect(loadConfig({}, large)).toMatchObject({
      PORT: 8080,
      PROFILE: 'full',
      WHISPER_PRECISION: 'fp32',
      THREADS: 4,
    });
  });

  it('select the small profile when memory is short', () => {
    expect(loadConfig({}, small)).toMatchObject({ PROFILE: 'lite', WHISPER_PRECISION: 'q8', THREADS: 1 });
    expect(loadConfig({ PROFILE: 'full' }, small).PROFILE).toBe('full');
  });

  it('accept the names that existing deployments use', () => {
    const config = loadConfig(
      {
        LOCAL_WHISPER_MODEL: 'base.ar',
        TTS_MODEL: 'tts_models/multilingual/multi-dataset/xtts_v2',
        ENABLE_VOICE_CLONING: 'false',
      },
      large,
    );
    expect(config).toMatchObject({
      LOCAL_WHISPER_MODEL: 'base',
      TTS_MODEL: 'xtts_v2',
      ENABLE_VOICE_CLONING: false,
    });
  });

  it('accept the names of other real-time services', () => {
    const names = {
      WHISPER_MODEL: 'small.ar',
      REALTIME_WHISPER_MODEL: 'tiny.ar',
      LANGUAGE: 'arz',
      USE_GPU: 'false',
      WHISPER_CACHE_DIR: '/models',
      BEAM_SIZE: '5',
    };
    const config = loadConfig(names, large);
    expect(config).toMatchObject({
      LOCAL_WHISPER_MODEL: 'small',
      REALTIME_WHISPER_MODEL: 'tiny',
      WHISPER_LANGUAGE: 'ar',
      DEVICE: 'cpu',
      MODELS_DIR: '/models',
      BEAM_SIZE: 5,
    });
    expect(config.warnings).toEqual([]);
    expect(loadConfig({ ...names, LOCAL_WHISPER_MODEL: 'base' }, large).LOCAL_WHISPER_MODEL).toBe('base');
    expect(loadConfig({ USE_GPU: '1' }, large).DEVICE).toBe('auto');
  });

  it('ignore LANGUAGE when a desktop sets it to a list of locales', () => {
    expect(loadConfig({ LANGUAGE: 'en_US:en' }, large).WHISPER_LANGUAGE).toBe('ar');
  });

  it('name a language that LANGUAGE chooses, since desktops set that variable too', () => {
    const { WHISPER_LANGUAGE, warnings } = loadConfig({ LANGUAGE: 'en' }, large);
    expect(WHISPER_LANGUAGE).toBe('en');
    expect(warnings).toEqual([expect.stringContaining('LANGUAGE=en sets the language of the speech')]);
    expect(loadConfig({ LANGUAGE: 'en', WHISPER_LANGUAGE: 'ar' }, large).warnings).toEqual([]);
  });

  it('treat an empty variable as not set', () => {
    expect(loadConfig({ PORT: '', OPENROUTER_MODEL: '' }, large)).toMatchObject({
      PORT: 8080,
      OPENROUTER_MODEL: 'google/gemma-4-31b-it',
    });
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['TTS_MODEL', 'tacotron'],
    ['AUDIO_SAMPLE_RATE', '8000'],
    ['BEAM_SIZE', '0'],
    ['BEAM_SIZE', '11'],
    ['LOG_LEVEL', 'loud'],
    ['ENABLE_VOICE_CLONING', 'perhaps'],
  ])('reject %s=%s in a line that names the variable', (name, value) => {
    expect(() => loadConfig({ [name]: value }, large)).toThrow(ConfigError);
    expect(() => loadConfig({ [name]: value }, large)).toThrow(name);
  });

  it('give model processes no keys', () => {
    const { childEnvironment } = loadConfig(
      { PATH: '/bin', HF_TOKEN: 'hf_x', OPENROUTER_API_KEY: 'sk' },
      large,
    );
    expect(childEnvironment).toEqual({ PATH: '/bin', NVIDIA_TF32_OVERRIDE: '0' });
  });

  it('are all in .env.example', async () => {
    await expect(renderExample()).toMatchFileSnapshot('../../.env.example');
  });
});
