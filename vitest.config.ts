import { defineConfig } from 'vitest/config'

const TIMEOUT_MS = 30_000
const LONG_TIMEOUT_MS = 30 * 60_000

const common = {
  environment: 'node',
  pool: 'forks',
  testTimeout: TIMEOUT_MS,
  hookTimeout: TIMEOUT_MS,
  teardownTimeout: TIMEOUT_MS,
  // Whoever waits for an event waits for it, not for a second of a busy machine.
  expect: { poll: { timeout: 10_000 } },
} as const

export default defineConfig({
  // Sources run as they are; node strips the types of child processes by itself.
  test: {
    maxWorkers: 2,
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text', 'json-summary'],
    },
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'cross',
          include: ['test/**/*.test.ts'],
          exclude: ['test/long/**', '**/node_modules/**'],
          globalSetup: ['test/setup/choose-seed.ts', 'test/setup/build-command.ts', 'test/setup/build-page.ts'],
          setupFiles: ['test/setup/use-seed.ts'],
        },
      },
      {
        // The full campaigns: `npm run test:long`.
        test: {
          ...common,
          name: 'long',
          testTimeout: LONG_TIMEOUT_MS,
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/setup/choose-seed.ts', 'test/setup/build-command.ts'],
          setupFiles: ['test/setup/use-seed.ts'],
        },
      },
    ],
  },
})
