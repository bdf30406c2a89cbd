// Builds the operations page into dist/, from where the api serves it at /ops. File names contain a
// digest of the content, so that browsers cache them for ever.
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/ops/',
  build: {
    outDir: '../../dist/apps/dashboard',
    emptyOutDir: true,
    // Data: addresses would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" of libraries means nothing here.
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
