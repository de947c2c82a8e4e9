import type { Action } from './action.js'
import {
  createAction,
  DOWNLOAD_DEFAULTS,
  downloadAction,
  seedAction,
  TRANSFER_DEFAULTS,
  verifyAction,
  type CreateOptions,
  type DownloadOptions,
  type SeedOptions,
  type VerifyOptions,
} from './commandActions.js'
import { announceForm, peerForm, pieceLengthForm, portForm } from './argumentForms.js'
import type { Common } from './common.js'
import { noTorrentFile } from './noTorrentFile.js'

/** What the options of a command are that are read here; `O` is what they come to. */
interface Readers<O> {
  readonly flags: Readonly<Record<string, Partial<O>>>
  /** Those with a value, with what came before them. */
  readonly values: Readonly<Record<string, (value: string, before: Partial<O>) => Partial<O>>>
}

const COMMON = {
  '--json': { json: true },
  '-q': { quiet: true },
  '--quiet': { quiet: true },
} satisfies Readers<Common>['flags']

const TRANSFER = {
  flags: {
    ...COMMON,
    '--no-trackers': { trackers: false },
    '--no-pex': { pex: false },
    '--no-web-seeds': { webSeeds: false },
    '--no-lsd': { lsd: false },
    '--no-port-mapping': { portMapping: false },
    '--no-dht': { dht: false },
  },
  values: {
    '--peer': (text, { peer }) => ({ peer: peerForm(text, peer) }),
    '--port': (text) => ({ port: portForm(text) }),
  },
} satisfies Readers<DownloadOptions & SeedOptions>

const DATA = { '--data': (data: string) => ({ data }) }

const DOWNLOAD: Readers<DownloadOptions> = {
  flags: { ...TRANSFER.flags, '--seed': { seed: true }, '--sync': { sync: true } },
  values: {
    ...TRANSFER.values,
    '-o': (output) => ({ output }),
    '--output': (output) => ({ output }),
  },
}

const SEED: Readers<SeedOptions> = { flags: TRANSFER.flags, values: { ...TRANSFER.values, ...DATA } }

const VERIFY: Readers<VerifyOptions> = { flags: COMMON, values: DATA }

const CREATE: Readers<CreateOptions> = {
  flags: { ...COMMON, '--private': { private: true }, '--force': { force: true } },
  values: {
    '-o': (output) => ({ output }),
    '--output': (output) => ({ output }),
    '--announce': (text, { announce }) => ({ announce: announceForm(text, announce) }),
    '--piece-length': (text) => ({ pieceLength: pieceLengthForm(text) }),
  },
}

/**
 * Understands what `download`, `seed`, `verify` and `create` are most often given, each option and its value in a word of
 * its own, as `args.ts` does, and without what reads all command lines. Undefined leaves it to that.
 */
export const plainWork = ([command, ...words]: ReadonlyArray<string>): Action | undefined => {
  const action = actionOf(command, words)
  return action === undefined || noTorrentFile(action) !== undefined ? undefined : action
}

const actionOf = (command = '', words: ReadonlyArray<string>): Action | undefined => {
  switch (command) {
    case 'download': {
      const line = read(words, DOWNLOAD)
      return line && downloadAction(line.file, { ...DOWNLOAD_DEFAULTS, ...line.options })
    }
    case 'seed': {
      const line = read(words, SEED)
      const data = line?.options.data
      return line === undefined || data === undefined
        ? undefined
        : seedAction(line.file, { ...TRANSFER_DEFAULTS, ...line.options, data })
    }
    case 'verify': {
      const line = read(words, VERIFY)
      const data = line?.options.data
      return line === undefined || data === undefined
        ? undefined
        : verifyAction(line.file, { ...line.options, data })
    }
    case 'create': {
      const line = read(words, CREATE)
      const output = line?.options.output
      return line === undefined || output === undefined
        ? undefined
        : createAction(line.file, { ...line.options, output })
    }
    default:
      return undefined
  }
}

interface Line<O> {
  readonly file: string
  readonly options: Partial<O>
}

const read = <O>(words: ReadonlyArray<string>, { flags, values }: Readers<O>): Line<O> | undefined => {
  let file: string | undefined
  let options: Partial<O> = {}
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (Object.hasOwn(flags, word)) options = { ...options, ...flags[word] }
    else if (Object.hasOwn(values, word)) {
      const value = words[(at += 1)] ?? ''
      const more = isPlain(value) ? attempt(() => values[word]?.(value, options)) : undefined
      if (more === undefined) return undefined
      options = { ...options, ...more }
    } else if (file === undefined && isPlain(word)) file = word
    else return undefined
  }
  return file === undefined ? undefined : { file, options }
}

const isPlain = (word: string): boolean => word !== '' && !word.startsWith('-')

/** Why a value is refused is told by who reads it again. */
const attempt = <A>(form: () => A): A | undefined => {
  try {
    return form()
  } catch {
    return undefined
  }
}
