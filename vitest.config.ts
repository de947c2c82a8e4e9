import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/conformance/**', 'node_modules/**'],
    setupFiles: ['test/support/strayErrors.ts'],
    testTimeout: 30_000,
    // Loading the modules anew for each file takes five times as long as all tests; none leaves anything behind.
    isolate: false,
  },
})
