#!/usr/bin/env node
import manifest from '../../package.json' with { type: 'json' }
import type { Parsed } from './args.js'
import { exitCode } from './exitCode.js'
import { plainArgs } from './plainArgs.js'
import { unexpectedText } from './unexpectedText.js'
import { writerTo } from './writer.js'

const { stdout, stderr } = process

const understood = async (argv: ReadonlyArray<string>): Promise<Parsed> => {
  const action = plainArgs(argv)
  if (action !== undefined) return { _tag: 'Run', action }
  const { parseArgs } = await import('./args.js')
  return parseArgs(argv, manifest.version)
}

const main = async (): Promise<void> => {
  const parsed = await understood(process.argv.slice(2))
  switch (parsed._tag) {
    case 'Run': {
      // Help is to come at once: the library is loaded only for work.
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
