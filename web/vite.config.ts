import { defineConfig } from 'vite';

/** The page as static files in dist/web. Links are relative, so that a proxy may serve it below any path. */
export default defineConfig({
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // A data URL in a script would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
