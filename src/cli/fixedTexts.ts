import manifest from '../../package.json' with { type: 'json' }
import { parseArgs } from './args.js'

const COMMANDS = [
  [],
  ['download'],
  ['seed'],
  ['create'],
  ['info'],
  ['magnet'],
  ['scrape'],
  ['verify'],
  ['dht'],
  ['dht', 'get'],
  ['dht', 'put'],
  ['demo'],
]

const textOf = (argv: ReadonlyArray<string>): string => {
  const parsed = parseArgs(argv, manifest.version)
  if (parsed._tag === 'Help') return parsed.text
  throw new Error(`no text for ${argv.join(' ')}`)
}

/**
 * What the parser answers with a text, by the command line as JSON. The build runs this file and puts what comes of it in
 * its place: to load the parser takes half a start.
 */
export const fixedTexts: Readonly<Record<string, string>> = Object.fromEntries(
  [['--version'], ...COMMANDS.map((command) => [...command, '--help'])].map((argv) => [
    JSON.stringify(argv),
    textOf(argv),
  ]),
)
