import manifest from '../../package.json' with { type: 'json' }
import { prepareHashing } from '../index.js'
import type { Parsed } from './args.js'
import { exitCode } from './exitCode.js'
import { helpWidth } from './helpWidth.js'
import { plainWork } from './plainWork.js'
import { show } from './show.js'
import { writerTo } from './writer.js'

/** Understands the words of a command line, and does what they ask for. */
export const commandLine = async (argv: ReadonlyArray<string>): Promise<void> => {
  // Who needs it hears what is wrong with it.
  begin(argv).catch(() => undefined)
  const parsed = await understood(argv)
  switch (parsed._tag) {
    case 'Run': {
      const { action } = parsed
      if (action._tag === 'Info' || action._tag === 'Magnet') await show(action)
      else await (await import('./perform.js')).perform(action)
      break
    }
    case 'Help':
      writerTo(process.stdout).write(`${parsed.text}\n`)
      break
    case 'Misuse':
      writerTo(process.stderr).write(`rxtorrent: ${parsed.text}\n`)
      process.exitCode = exitCode.usage
  }
}

const understood = async (argv: ReadonlyArray<string>): Promise<Parsed> => {
  const action = plainWork(argv)
  if (action !== undefined) return { _tag: 'Run', action }
  const { parseArgs } = await import('./args.js')
  return parseArgs(argv, manifest.version, helpWidth())
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
