import { createModelStore } from '../../src/models/model-store.js';
import type { Manifest } from '../../src/models/manifest.js';

/** A process of its own that ensures one model, sending its progress to the parent, then where the model lies. */
const { directory, source, manifest } = JSON.parse(process.argv[2]!) as {
  directory: string;
  source: string;
  manifest: Manifest;
};
const logger = { info: () => undefined, warn: () => undefined };
const store = createModelStore({ directory, source, logger, timing: { pollMs: 10 } });
const timer = setInterval(() => process.send?.(store.progress()[0]), 10);
try {
  process.send?.(await store.ensure(manifest, { signal: new AbortController().signal }));
} finally {
  clearInterval(timer);
  process.disconnect?.();
}
