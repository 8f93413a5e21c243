import { defineConfig } from 'vite'

/** A server to look at while the page is worked on: `HOLDFAST_SERVER=http://127.0.0.1:7878 npx vite packages/web`. */
const server = process.env['HOLDFAST_SERVER']

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The policy of the page forbids scripts and styles that stand in it, and data where a file is meant.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: server === undefined ? {} : { proxy: { '/v1': server } },
})
