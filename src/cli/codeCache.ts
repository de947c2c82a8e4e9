import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What V8 made of the command's files in an earlier run: bytecode, in place of parsing and compiling them once more. */
export interface CodeCache {
  /** Undefined where there is none, none that is newer than the file that it was made of, or a damaged one. */
  readonly read: (name: string) => Buffer | undefined
  /** Best effort: without it the next start takes longer, and that is all. */
  readonly save: (name: string, code: Uint8Array) => void
}

/**
 * A folder of such code, for the files of another: beside them, so that it goes when they do, and whoever could write it
 * could write them as well. Nothing is saved for files that are another user's: he could not remove what root has written.
 */
export const createCodeCache = (filesFolder: string, cacheFolder: string): CodeCache => {
  const codeOf = (name: string): string => join(cacheFolder, `${name}.bin`)
  return {
    read: (name) => {
      try {
        const made = statSync(codeOf(name), { throwIfNoEntry: false })
        if (made === undefined || made.mtimeMs <= statSync(join(filesFolder, name)).mtimeMs) return undefined
        return onceOf(readFileSync(codeOf(name)))
      } catch {
        return undefined
      }
    },
    save: (name, code) => {
      const unfinished = `${codeOf(name)}.${String(process.pid)}`
      try {
        if (statSync(filesFolder).uid !== (process.getuid?.() ?? 0)) return
        mkdirSync(cacheFolder, { recursive: true, mode: 0o755 })
        writeFileSync(unfinished, twiceOf(code), { mode: 0o644 })
        renameSync(unfinished, codeOf(name))
      } catch {
        discard(unfinished)
      }
    },
  }
}

const discard = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where it can't be removed, it can't be read as a whole either: its name is no cache's.
  }
}

/**
 * It is there twice over. V8 runs what it is given unseen, and a page lost in a power cut would end the process; of what
 * Node has, to compare is the one check that needs nothing loaded.
 */
const twiceOf = (code: Uint8Array): Uint8Array => Buffer.concat([code, code])

const onceOf = (twice: Buffer): Buffer | undefined => {
  const code = twice.subarray(0, twice.length / 2)
  return code.length > 0 && code.equals(twice.subarray(code.length)) ? code : undefined
}
