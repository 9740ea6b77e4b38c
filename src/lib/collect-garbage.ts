type Collect = (options?: { type: 'minor' }) => void;

/**
 * Frees tensors that nobody holds any more. V8 sees only the small objects around them and lets tens of megabytes wait;
 * a full collection of a model process takes some 30 ms. Only processes started with --expose-gc collect.
 */
export function collectGarbage(): void {
  const { gc } = globalThis as { gc?: Collect };
  gc?.();
  // The first lets a thread free the buffers; the second, a short one, waits for it.
  gc?.({ type: 'minor' });
}
