import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** What V8 made of the command's files in an earlier run: bytecode, in place of parsing and compiling them once more. */
export interface CodeCache {
  /**
   * To be called before the file itself is read. Undefined where there is none, none of the file as it is now, a damaged
   * one, or another user's.
   */
  readonly read: (name: string) => Uint8Array | undefined
  /** Of a file as it was when `read` was called. Best effort: without it the next start takes longer, and that is all. */
  readonly save: (name: string, code: () => Uint8Array) => void
}

/**
 * A folder of such code, for the files of another: beside them, so that it goes when they do. What is run as it stands has
 * to be the user's whose the files are, and is saved for no other: he could not remove what root has written.
 */
export const createCodeCache = (filesFolder: string, cacheFolder: string): CodeCache => {
  const files = new Map<string, Stats>()
  const codeOf = (name: string): string => join(cacheFolder, `${name}.bin`)
  return {
    read: (name) => {
      try {
        const file = statSync(join(filesFolder, name))
        files.set(name, file)
        const kept = statSync(codeOf(name), { throwIfNoEntry: false })
        return kept?.isFile() === true && kept.uid === file.uid
          ? unpacked(readFileSync(codeOf(name)), file)
          : undefined
      } catch {
        return undefined
      }
    },
    save: (name, code) => {
      const file = files.get(name)
      if (file === undefined || file.uid !== (process.getuid?.() ?? 0)) return
      const unfinished = `${codeOf(name)}.${String(process.pid)}`
      try {
        mkdirSync(cacheFolder, { recursive: true, mode: 0o755 })
        writeFileSync(unfinished, packed(code(), file), { mode: 0o644 })
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
    // Nothing reads it under this name.
  }
}

const STAMP_BYTES = 8

/**
 * With the time of the file's last change, which nobody can set back, and twice over. V8 looks at the length of the text
 * only, and runs what it is given unseen: a page lost in a power cut would end the process. To compare takes a fifth of
 * the time of a hash, and no module that start would not load.
 */
const packed = (code: Uint8Array, { ctimeMs }: Stats): Uint8Array => {
  const stamp = Buffer.alloc(STAMP_BYTES)
  stamp.writeDoubleLE(ctimeMs)
  return Buffer.concat([stamp, code, stamp, code])
}

const unpacked = (twice: Buffer, { ctimeMs }: Stats): Uint8Array | undefined => {
  const once = twice.subarray(0, twice.length / 2)
  return once.length > STAMP_BYTES &&
    once.equals(twice.subarray(once.length)) &&
    once.readDoubleLE() === ctimeMs
    ? once.subarray(STAMP_BYTES)
    : undefined
}
