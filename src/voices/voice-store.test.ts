import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeVoiceEncoder } from '../engines/tts/fake-voice-encoder.js';
import { unavailable } from '../lib/errors.js';
import { VoiceStore, type NewVoice } from './voice-store.js';

const never = new AbortController().signal;
const quality = { speechSeconds: 4, snrDb: 30, clippingPercent: 0, loudnessDb: -25 };
const reference = { samples: new Float32Array(24_000).fill(0.25), sampleRate: 24_000, quality };
const consent = { by: 'Mona', text: 'Yes.', at: 1_700_000_000_000 };
const mona: NewVoice = { name: 'Mona', consent, reference };

let directory: string;
let encoder: FakeVoiceEncoder;
let store: VoiceStore;

/** Another process over the same folder. */
const anotherStore = (limit = 10) => new VoiceStore({ directory, limit, encoder });

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'voice-store-')), 'voices');
  encoder = new FakeVoiceEncoder();
  store = anotherStore();
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));

describe('The store of voices', () => {
  it('keeps a voice after a restart, with its record, latents, recording and consent', async () => {
    const consentRecording = Uint8Array.of(1, 2, 3);
    const { id } = await store.create({ ...mona, consentRecording }, never);

    const restarted = anotherStore();

    expect(await restarted.get(id)).toMatchObject({ id, name: 'Mona', consent, quality });
    expect(await restarted.latents(id)).toEqual({
      conditioning: Float32Array.of(1, 24_000),
      speakerEmbedding: Float32Array.of(0.5),
    });
    expect(encoder.calls).toHaveLength(1);
    expect(await readFile(join(directory, id, 'consent.wav'))).toEqual(Buffer.from(consentRecording));
    expect((await stat(join(directory, id, 'reference.wav'))).size).toBe(44 + 2 * 24_000);
  });

  it('creates ids that cannot be guessed', async () => {
    const ids = [await store.create(mona, never), await store.create(mona, never)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^voice_[0-9a-f]{32}$/);
  });

  it('allows only the owner of the process to read', async () => {
    const { id } = await store.create(mona, never);
    const modes = await Promise.all(
      ['', id, ...(await readdir(join(directory, id))).map((file) => join(id, file))].map(
        async (name) => (await stat(join(directory, name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600, 0o600]);
  });

  it('lists the newest first, and an empty list for a new folder', async () => {
    expect(await store.list()).toEqual([]);
    const first = await store.create(mona, never);
    await writeRecord(first.id, { ...first, createdAt: 1 });
    const second = await store.create({ ...mona, name: 'Sara' }, never);
    expect((await store.list()).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('renames a voice for every process and changes nothing else', async () => {
    const other = anotherStore();
    const voice = await store.create(mona, never);
    expect(await other.rename(voice.id, 'Mona 2')).toEqual({ ...voice, name: 'Mona 2' });
    expect(await store.get(voice.id)).toEqual({ ...voice, name: 'Mona 2' });
  });

  it('removes a voice with all its files, for every process', async () => {
    const other = anotherStore();
    const { id } = await store.create(mona, never);
    expect(await other.latents(id)).not.toBeNull();

    expect(await store.remove(id)).toBe(true);

    expect(await readdir(directory)).toEqual([]);
    expect(await other.latents(id)).toBeNull();
    expect([await other.get(id), await other.rename(id, 'x'), await other.remove(id)]).toEqual([
      null,
      null,
      false,
    ]);
  });

  it.each([
    '..',
    '../voices',
    '/etc',
    'voice_',
    `voice_${'0'.repeat(31)}/`,
    `../x/voice_${'0'.repeat(32)}`,
    '',
  ])('never builds a path from an invalid id: %j', async (id) => {
    await mkdir(join(directory, '..', 'x', `voice_${'0'.repeat(32)}`), { recursive: true });
    await writeFile(join(directory, '..', 'x', `voice_${'0'.repeat(32)}`, 'record.json'), '{}');
    expect([await store.get(id), await store.latents(id), await store.rename(id, 'x')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(await store.remove(id)).toBe(false);
  });

  it('rejects voices above the limit before the engine works', async () => {
    const full = anotherStore(1);
    await full.create(mona, never);
    await expect(full.create(mona, never)).rejects.toMatchObject({ status: 400, code: 'limit_reached' });
    expect(encoder.calls).toHaveLength(1);
  });

  it('stays within the limit when several voices are created at once', async () => {
    const stores = Array.from({ length: 6 }, () => anotherStore(2));
    const made = await Promise.allSettled(stores.map((each) => each.create(mona, never)));
    const kept = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []));
    expect(kept.length).toBeLessThanOrEqual(2);
    expect((await readdir(directory)).sort()).toEqual(kept.sort());
  });

  it('stores nothing when the engine fails or the caller leaves', async () => {
    encoder.latentsOf = () => Promise.reject(new Error('broken'));
    await expect(store.create(mona, never)).rejects.toThrow('broken');
    encoder.latentsOf = new FakeVoiceEncoder().latentsOf.bind(new FakeVoiceEncoder());
    await expect(store.create(mona, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(await store.list()).toEqual([]);
  });

  it('answers 503 when nothing can be written', async () => {
    await writeFile(directory, 'a file where the folder should be');
    await expect(store.create(mona, never)).rejects.toMatchObject({
      status: 503,
      code: 'voices_unavailable',
    });
    expect(encoder.calls).toHaveLength(0);
  });

  it('names a damaged record instead of hiding it', async () => {
    const { id } = await store.create(mona, never);
    await truncate(join(directory, id, 'record.json'), 10);
    await expect(store.get(id)).rejects.toThrow(/record\.json is damaged/);
    const damaged: unknown[] = [];
    const lister = new VoiceStore({
      directory,
      limit: 10,
      encoder,
      onDamaged: (error) => damaged.push(error),
    });
    const { id: whole } = await lister.create(mona, never);
    expect((await lister.list()).map((voice) => voice.id)).toEqual([whole]);
    expect(String(damaged)).toContain(id);
  });

  async function writeRecord(id: string, record: object): Promise<void> {
    await writeFile(join(directory, id, 'record.json'), JSON.stringify(record));
  }
});

describe('Latents of a voice', () => {
  it('are read from disk once', async () => {
    const { id } = await store.create(mona, never);
    const first = await store.latents(id);
    expect(await store.latents(id)).toBe(first);
  });

  it('are computed again, once, when other weights made them, and stored', async () => {
    const { id } = await store.create(mona, never);
    expect((await store.latents(id))?.conditioning[0]).toBe(1);
    encoder.model = 'model-2';
    const [one, other] = await Promise.all([store.latents(id), store.latents(id)]);
    expect(one?.conditioning).toEqual(Float32Array.of(2, 24_000));
    expect(other).toEqual(one);
    expect(encoder.calls).toHaveLength(2);
    expect(encoder.calls[1]?.[0]?.samples[100]).toBeCloseTo(0.25, 4);
    expect(await anotherStore().latents(id)).toEqual(one);
    expect(encoder.calls).toHaveLength(2);
  });

  it('are computed again when their file is damaged', async () => {
    const { id } = await store.create(mona, never);
    await truncate(join(directory, id, 'latents.bin'), 20);
    expect((await store.latents(id))?.conditioning).toEqual(Float32Array.of(2, 24_000));
  });

  it('are computed again when their file contains a NaN', async () => {
    const { id } = await store.create(mona, never);
    const path = join(directory, id, 'latents.bin');
    const bytes = await readFile(path);
    bytes.writeFloatLE(Number.NaN, bytes.length - 4);
    await writeFile(path, bytes);
    expect((await store.latents(id))?.conditioning).toEqual(Float32Array.of(2, 24_000));
  });

  it("use all of a long recording, in pieces of the engine's length", async () => {
    const long = { ...reference, samples: new Float32Array(24_000 * 50) };
    await store.create({ ...mona, reference: long }, never);
    const pieces = encoder.calls[0] ?? [];
    expect(pieces.map(({ samples }) => samples.length / 24_000)).toEqual([30, 20]);
    // A view would send its whole buffer to the other process.
    expect(pieces.map(({ samples }) => samples.buffer.byteLength)).toEqual([30 * 96_000, 20 * 96_000]);
  });

  it('are unavailable without an engine that clones, or with the error of the engine', async () => {
    const { id } = await store.create(mona, never);
    const nobody = new VoiceStore({ directory, limit: 10, encoder: null });
    await expect(nobody.latents(id)).rejects.toMatchObject({ status: 403 });
    encoder.outage = unavailable('The model is on its way.', 1_000);
    await expect(store.latents(id)).rejects.toThrow('on its way');
    expect(await nobody.latents('female_1')).toBeNull();
  });
});

describe('Unfinished work of a crashed process', () => {
  const old = new Date(Date.now() - 3_600_000);
  const left = async (name: string, time?: Date): Promise<void> => {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, 'reference.wav'), 'half');
    if (time) await utimes(join(directory, name), time, time);
  };

  it('is never listed, and is removed when nobody can be writing it', async () => {
    await left('.new-old', old);
    await left('.new-fresh');
    await left('.removed-fresh');
    expect(await store.list()).toEqual([]);

    await store.sweep();

    expect(await readdir(directory)).toEqual(['.new-fresh']);
  });

  it('is also removed inside voices and before a voice is created', async () => {
    const { id } = await store.create(mona, never);
    const aside = join(directory, id, '.new-record');
    await writeFile(aside, '{');
    await utimes(aside, old, old);
    await left('.removed-voice');

    await store.create(mona, never);

    expect(await readdir(join(directory, id))).not.toContain('.new-record');
    expect(await readdir(directory)).toHaveLength(2);
  });
});
