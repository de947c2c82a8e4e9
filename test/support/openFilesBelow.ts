import { readdirSync, readlinkSync } from 'node:fs'

/** The files below a folder that this process has open (on Linux; elsewhere none are seen). */
export const openFilesBelow = (root: string): ReadonlyArray<string> => {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(root) ? [target] : []
    } catch {
      // The descriptor that was used to list them.
      return []
    }
  })
}
