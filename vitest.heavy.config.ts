import { defineConfig } from 'vitest/config';

/** Suites that start other programs (Redis, an S3 server, Chromium): `npm run test:fleet`, `npm run test:web` and so on. */
export default defineConfig({
  test: {
    include: ['test/heavy/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/fixed-seed.ts'],
    pool: 'forks',
    maxWorkers: 1,
    // Speech in real time fails when another program takes the processor for a second.
    retry: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
