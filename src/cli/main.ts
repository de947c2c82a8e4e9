#!/usr/bin/env node
import { join } from 'node:path'
import { createCodeCache } from './codeCache.js'
import { createPartLoader } from './partLoader.js'

/** Of the text of all parts; put in when they are built. */
declare const BUILD_ID: string

/** When what runs for long has started: what it has not called by then would be no part of a start. */
const SETTLED_MS = 5_000
/** From one part to the next, so that the loop has its turn: it takes some milliseconds to write one down. */
const PAUSE_MS = 100

const { argv, arch, env, version } = process
const folder = import.meta.dirname
const [, , word = ''] = argv

// Each command by itself: what the first run of one has called is what the next one will.
const isWord = /^-{0,2}[a-zA-Z][a-z-]{0,15}$/.test(word)
const cache =
  isWord && env['NODE_DISABLE_COMPILE_CACHE'] !== '1'
    ? createCodeCache(folder, join(folder, 'code-cache', `${BUILD_ID}-${version}-${arch}`, word))
    : undefined

const { load, saveNext } = createPartLoader(folder, cache)
load('./cli-start.cjs')

const saveInTurns = (): void => {
  if (saveNext()) setTimeout(saveInTurns, PAUSE_MS).unref()
}

if (cache !== undefined) {
  setTimeout(saveInTurns, SETTLED_MS).unref()
  // What failed has not called what others will.
  process.once('exit', (code) => {
    if (code === 0) while (saveNext());
  })
}
