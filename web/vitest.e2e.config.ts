import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Patience is for what will not come any more; a slow machine under load is no fault.
  test: { include: ['e2e/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false, expect: { poll: { timeout: 90_000 } } },
})
