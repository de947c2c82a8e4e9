import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { onTestFinished, vi } from 'vitest'

/** Whether `folder` was synced since the last call: the device was waited for to have what is in it. Once in a test. */
export const watchSyncs = (folder: string): (() => boolean) => {
  const { fsync: sync } = fs
  const synced = new Set<number>()
  const fsync = vi.spyOn(fs, 'fsync').mockImplementation((fd, done) => {
    synced.add(fs.fstatSync(fd).ino)
    sync(fd, done)
  })
  syncBuiltinESMExports()
  onTestFinished(() => {
    fsync.mockRestore()
    syncBuiltinESMExports()
  })
  return () => {
    const isSynced = synced.has(fs.statSync(folder).ino)
    synced.clear()
    return isSynced
  }
}
