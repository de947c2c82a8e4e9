import { defineConfig } from 'vitest/config'

// Against other people's vectors: needs RXTORRENT_CORPUS, and fails without it.
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts'],
    testTimeout: 60_000,
  },
})
