#!/usr/bin/env node
import manifest from '../../package.json' with { type: 'json' }
import { prepareHashing } from '../index.js'
import type { Parsed } from './args.js'
import { exitCode } from './exitCode.js'
import { plainArgs } from './plainArgs.js'
import { plainWork } from './plainWork.js'
import { unexpectedText } from './unexpectedText.js'
import { writerTo } from './writer.js'

const { stdout, stderr } = process

const understood = async (argv: ReadonlyArray<string>): Promise<Parsed> => {
  const action = plainArgs(argv) ?? plainWork(argv)
  if (action !== undefined) return { _tag: 'Run', action }
  const { parseArgs } = await import('./args.js')
  return parseArgs(argv, manifest.version)
}

/** What will be needed, begun while the rest of the command line is still to be read: threads to hash, files to load. */
const begin = async ([command = '', ...words]: ReadonlyArray<string>): Promise<void> => {
  // Help is to come at once.
  if (words.some((word) => word === '--help' || word === '-h')) return
  switch (command) {
    case 'download':
    case 'seed':
      await import('./commands/transfer.js')
      break
    case 'verify':
      prepareHashing()
      await import('./commands/verify.js')
      break
    case 'create':
      prepareHashing()
      await import('./commands/create.js')
  }
}

const main = async (): Promise<void> => {
  // Who needs it hears what is wrong with it.
  begin(process.argv.slice(2)).catch(() => undefined)
  const parsed = await understood(process.argv.slice(2))
  switch (parsed._tag) {
    case 'Run': {
      const { perform } = await import('./perform.js')
      await perform(parsed.action)
      break
    }
    case 'Help':
      writerTo(stdout).write(`${parsed.text}\n`)
      break
    case 'Misuse':
      writerTo(stderr).write(`rxtorrent: ${parsed.text}\n`)
      process.exitCode = exitCode.usage
  }
}

process.on('uncaughtException', (error) => {
  stderr.write(`rxtorrent: ${unexpectedText(error)}\n`)
  process.exit(exitCode.unexpected)
})
// Not awaited: what is loaded later may import what this file is bundled with.
void main()
