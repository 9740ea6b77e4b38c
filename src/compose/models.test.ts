import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../models/manifest.js';
import { loadManifests } from '../models/manifests.js';
import { captionOptions, whisperOptions } from './models.js';

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
    expect(() => chosen({ LOCAL_WHISPER_MODEL: 'enormous' })).toThrow(/base, small, tiny/);
  });
});

describe('The caption model', () => {
  const settings = {
    LOCAL_WHISPER_MODEL: 'small',
    WHISPER_PRECISION: 'fp32',
    precisionGiven: false,
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
    expect(() => captions('enormous')).toThrow(/REALTIME_WHISPER_MODEL.*base, small, tiny/);
  });
});
