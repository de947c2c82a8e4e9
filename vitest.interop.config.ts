import { defineConfig } from 'vitest/config'

/** Real clients, real sockets: one file at a time, so that they do not starve each other. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 150_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
})
