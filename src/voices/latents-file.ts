import { z } from 'zod';
import type { VoiceLatents } from '../engines/tts/voice-latents.js';

/** Latents with the model that made them. */
export interface KeptLatents {
  /** The fingerprint of the weights. */
  model: string;
  latents: VoiceLatents;
}

const header = z.object({
  model: z.string(),
  conditioning: z.int().min(0),
  speakerEmbedding: z.int().min(0),
});
const LENGTH_BYTES = 4;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** The length of a JSON header (32 bits), the header, then both arrays as float32; little-endian throughout. */
export function encodeLatents({ model, latents }: KeptLatents): Uint8Array {
  const { conditioning, speakerEmbedding } = latents;
  const head = Buffer.from(
    JSON.stringify({ model, conditioning: conditioning.length, speakerEmbedding: speakerEmbedding.length }),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, bytesOf(conditioning), bytesOf(speakerEmbedding)]);
}

/** Null for a file in another format: its latents must be computed again. */
export function decodeLatents(file: Uint8Array): KeptLatents | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < LENGTH_BYTES) return null;
  const start = LENGTH_BYTES + bytes.readUInt32LE(0);
  const head = headerOf(bytes.subarray(LENGTH_BYTES, start));
  if (!head || bytes.length !== start + (head.conditioning + head.speakerEmbedding) * FLOAT_BYTES)
    return null;
  const middle = start + head.conditioning * FLOAT_BYTES;
  const conditioning = floatsOf(bytes.subarray(start, middle));
  const speakerEmbedding = floatsOf(bytes.subarray(middle));
  // With NaN or infinity in its latents an engine produces silence without an error.
  if (![conditioning, speakerEmbedding].every((values) => values.every(Number.isFinite))) return null;
  return { model: head.model, latents: { conditioning, speakerEmbedding } };
}

function headerOf(bytes: Buffer): z.infer<typeof header> | null {
  try {
    return header.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** A copy, because float arrays must be aligned to four bytes. */
function floatsOf(bytes: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
