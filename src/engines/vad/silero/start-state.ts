import { CONTEXT_SAMPLES, STATE_VALUES, type SileroState } from './protocol.js';

/** The state of a stream before its first sample. */
export function startState(): SileroState {
  return { recurrent: new Float32Array(STATE_VALUES), context: new Float32Array(CONTEXT_SAMPLES) };
}
