#!/usr/bin/env node
import { join } from 'node:path'
import { createCodeCache } from './codeCache.js'
import { codeKind } from './codeKind.js'
import { createPartLoader } from './partLoader.js'

/** Of the text of all parts; put in when they are built. */
declare const BUILD_ID: string

/** When what runs for long has started: what it has not called by then would be no part of a start. */
const SETTLED_MS = 5_000
/** From one part to the next, so that the loop has its turn: it takes some milliseconds to write one down. */
const PAUSE_MS = 100

const { arch, env, platform, version } = process
const folder = import.meta.dirname

const kind = env['NODE_DISABLE_COMPILE_CACHE'] === '1' ? undefined : codeKind(process.argv.slice(2))
const build = `${BUILD_ID}-${version}-${platform}-${arch}`
const cache =
  kind === undefined ? undefined : createCodeCache(folder, join(folder, 'code-cache', build, kind))

const { load, saveNext } = createPartLoader(folder, cache)
load('./cli-start.cjs')

const saveInTurns = (): void => {
  setTimeout(saveInTurns, saveNext() ? PAUSE_MS : SETTLED_MS).unref()
}

if (cache !== undefined) {
  setTimeout(saveInTurns, SETTLED_MS).unref()
  // What failed has not called what others will.
  process.once('exit', (code) => {
    if (code === 0) while (saveNext());
  })
}
