import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A fresh folder for the running test, removed after it, and after what the test began later has ended. */
export const tempDir = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'rxtorrent-'))
  onTestFinished(async () => {
    // A save that was under way when its session was ended at once is still written.
    await rm(path, { recursive: true, force: true, maxRetries: 10 })
  })
  return path
}
