import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../models/manifest.js';
import { loadManifests } from '../models/manifests.js';
import { captionOptions, speechOptions, whisperOptions } from './models.js';

let manifests: Manifest[];
beforeAll(async () => {
  manifests = await loadManifests();
});

type Settings = Parameters<typeof whisperOptions>[0];

function chosen(settings: Partial<Settings>) {
  const defaults: Settings = {
    LOCAL_WHISPER_MODEL: 'base',
    WHISPER_PRECISION: 'fp32',
    precisionGiven: false,
  };
  const { whisper, standIn } = whisperOptions({ ...defaults, ...settings }, manifests);
  return {
    id: whisper.id,
    forms: whisper.choices.map(({ manifest, variant }) => `${manifest.repository} ${variant ?? ''}`.trim()),
    standIn: standIn?.id ?? null,
  };
}

describe('the Whisper model', () => {
  it("is the built-in one by default, and the hub's as a fallback for damaged files", () => {
    expect(chosen({})).toEqual({
      id: 'whisper-base',
      forms: ['builtin:whisper-base', 'Xenova/whisper-base fp32', 'Xenova/whisper-base q8'],
      standIn: null,
    });
  });

  it('comes from the hub when the settings choose a precision, and the built-in one is the stand-in', () => {
    expect(chosen({ WHISPER_PRECISION: 'q8', precisionGiven: true })).toEqual({
      id: 'whisper-base',
      forms: ['Xenova/whisper-base q8', 'Xenova/whisper-base fp32'],
      standIn: 'whisper-base-builtin',
    });
  });

  it('is the built-in one when the settings choose compact', () => {
    expect(chosen({ WHISPER_PRECISION: 'compact', precisionGiven: true }).forms[0]).toBe(
      'builtin:whisper-base',
    );
  });

  it('is downloaded when it is another one, in any precision that the source has', () => {
    expect(chosen({ LOCAL_WHISPER_MODEL: 'someone/egyptian' })).toEqual({
      id: 'someone--egyptian',
      forms: ['someone/egyptian fp32', 'someone/egyptian q8', 'someone/egyptian compact'],
      standIn: 'whisper-base-builtin',
    });
  });

  it('stops the start when its name is unknown, and lists the known names', () => {
    expect(() => chosen({ LOCAL_WHISPER_MODEL: 'enormous' })).toThrow(
      /base, large-v3-turbo, small-dialectal, small, tiny/,
    );
  });
});

describe('The caption model', () => {
  const settings = {
    LOCAL_WHISPER_MODEL: 'small',
    WHISPER_PRECISION: 'fp32',
    precisionGiven: false,
    STT_MODEL: 'whisper',
  } as const;
  const captions = (name: string): string[] | null =>
    captionOptions({ ...settings, REALTIME_WHISPER_MODEL: name }, manifests)?.choices.map(
      ({ manifest }) => manifest.repository,
    ) ?? null;

  it('is the main model by default and when it has the same name', () => {
    expect([captions(''), captions('small')]).toEqual([null, null]);
  });

  it('is the built-in one for "base" and is downloaded otherwise', () => {
    expect(captions('base')?.[0]).toBe('builtin:whisper-base');
    expect(captions('tiny')?.[0]).toBe('Xenova/whisper-tiny');
  });

  it('stops the start when its name is unknown, and names the setting', () => {
    expect(() => captions('enormous')).toThrow(
      /REALTIME_WHISPER_MODEL.*base, large-v3-turbo, small-dialectal, small, tiny/,
    );
  });
});

describe('The speech recognition model', () => {
  const options = (settings: Partial<Parameters<typeof speechOptions>[0]>) => {
    const defaults = {
      STT_MODEL: 'whisper',
      LOCAL_WHISPER_MODEL: 'base',
      WHISPER_PRECISION: 'fp32',
      precisionGiven: false,
    } as const;
    const { speech, standIn } = speechOptions({ ...defaults, ...settings }, manifests);
    return {
      id: speech.id,
      variants: speech.choices.map(({ variant }) => variant),
      standIn: standIn?.id ?? null,
    };
  };

  it('is a Whisper by default', () => {
    expect(options({}).id).toBe('whisper-base');
    expect(options({ LOCAL_WHISPER_MODEL: 'small' }).id).toBe('whisper-small');
  });

  it('is a NeMo model by name, in 8 bits unless float32 is asked for, with the built-in Whisper until it is there', () => {
    expect(options({ STT_MODEL: 'fastconformer-ar' })).toEqual({
      id: 'fastconformer-ar',
      variants: ['int8', 'fp32'],
      standIn: 'whisper-base-builtin',
    });
    expect(options({ STT_MODEL: 'nawah-parakeet', precisionGiven: true }).variants).toEqual(['fp32', 'int8']);
  });

  it('may be any repository in the layout of onnx-asr', () => {
    expect(options({ STT_MODEL: 'someone/parakeet' })).toMatchObject({
      id: 'someone--parakeet',
      variants: ['int8-ctc', 'int8-transducer', 'fp32-ctc', 'fp32-transducer'],
    });
  });

  it('stops the start when its name is unknown, and lists the known names', () => {
    expect(() => options({ STT_MODEL: 'enormous' })).toThrow(
      /^STT_MODEL: .*whisper, one of fastconformer-ar, nawah-parakeet, verto, or/,
    );
  });
});
