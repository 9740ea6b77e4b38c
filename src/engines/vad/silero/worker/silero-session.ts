import type { InferenceSession } from 'onnxruntime-node';
import { openSession } from '../../../../onnx/session.js';

const INPUTS = ['input', 'state', 'sr'];

/** Opens Silero's graph on one thread. Throws with the file's name when the file is broken or is another model. */
export async function openSilero(path: string): Promise<InferenceSession> {
  const { session } = await openSession(path, { device: 'cpu', threads: 1 });
  const missing = INPUTS.filter((name) => !session.inputNames.includes(name));
  if (missing.length === 0) return session;
  await session.release();
  throw new Error(`The voice detector's model has no input ${missing.join(', ')}`);
}
