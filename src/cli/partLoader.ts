import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import type { CodeCache } from './codeCache.js'

export interface PartLoader {
  /** As `require` does: `./NAME`, each once, or what Node has built in. */
  readonly load: (id: string) => unknown
  /** Saves what was compiled of one more part since it was loaded; false once there is none. */
  readonly saveNext: () => boolean
}

type Factory = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void

const HEAD = '(function (exports, require, module, __filename, __dirname) {'

/** Loads the parts of the command, which are CommonJS and ASCII, with the code that an earlier run has left of them. */
export const createPartLoader = (folder: string, cache: CodeCache | undefined): PartLoader => {
  const modules = new Map<string, { exports: unknown }>()
  const unsaved: Array<{ readonly name: string; readonly script: Script }> = []

  const compiled = (name: string, filename: string): Factory => {
    const cachedData = cache?.read(name)
    const script = new Script(`${HEAD}${readFileSync(filename, 'latin1')}\n})`, {
      filename,
      columnOffset: -HEAD.length,
      ...(cachedData === undefined ? {} : { cachedData }),
    })
    if (cache !== undefined && script.cachedDataRejected !== false) unsaved.push({ name, script })
    return script.runInThisContext() as Factory
  }

  const load = (id: string): unknown => {
    if (!id.startsWith('./')) return process.getBuiltinModule(id)
    const name = id.slice(2)
    const known = modules.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(name, module)
    const filename = join(folder, name)
    compiled(name, filename)(module.exports, load, module, filename, folder)
    return module.exports
  }

  const saveNext = (): boolean => {
    const next = unsaved.shift()
    if (next === undefined) return false
    cache?.save(next.name, () => next.script.createCachedData())
    return true
  }

  return { load, saveNext }
}
