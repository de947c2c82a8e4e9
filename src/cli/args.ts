import { Command, CommanderError, Option } from 'commander'
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
import {
  announceForm,
  durationForm,
  peerForm,
  pieceLengthForm,
  portForm,
  rateForm,
  ratioForm,
  secondsForm,
  selectForm,
} from './argumentForms.js'
import { common, type Common } from './common.js'
import { withCommon } from './commonOptions.js'
import { addDhtCommands, dhtBootstrap } from './dhtArgs.js'
import { HELP_WIDTH } from './helpWidth.js'
import { isMagnet } from './isMagnet.js'
import { plainText } from './format/plainText.js'
import { noTorrentFile } from './noTorrentFile.js'

/** What a command line comes to. */
export type Parsed =
  | { readonly _tag: 'Run'; readonly action: Action }
  /** `--help` and `--version`: the answer is this text. */
  | { readonly _tag: 'Help'; readonly text: string }
  /** Not understood: why, and what to do about it, in one line. */
  | { readonly _tag: 'Misuse'; readonly text: string }

const EXIT_CODES = `
Exit codes: 0 done, 1 unexpected, 2 usage, 3 bad torrent file or link, 4 no peers or no answer, 5 disk, 6 not verified,
7 stopped unfinished, 8 no port to listen on, 9 nobody in the DHT answered,
130 interrupted (SIGINT), 143 terminated (SIGTERM).`

const EXAMPLES = `
Examples:
  rxtorrent demo
  rxtorrent create photos -o photos.torrent --announce http://localhost:6969/announce
  rxtorrent seed photos.torrent --data .
  rxtorrent download photos.torrent -o downloads --peer 192.0.2.1:6881
  rxtorrent download 'magnet:?xt=urn:btih:…' -o downloads`

const SELECT_DATA = 'only these, as in download; unless given, what the last run wanted'

const withTransfer = (command: Command): Command =>
  withCommon(
    command
      .option('--peer <host:port>', 'a peer to connect to; may be repeated', peerForm)
      .option('--no-trackers', 'ask no tracker, and tell none')
      .option('--port <n>', 'the port to listen on; 0 takes any', portForm, TRANSFER_DEFAULTS.port)
      .option('--down <rate>', 'at most so many bytes a second: 500K, 1.5M', rateForm)
      .option('--up <rate>', 'the same for uploading', rateForm)
      .option('--seed-ratio <n>', 'seed until so many times its size was uploaded', ratioForm)
      .option('--seed-time <time>', 'seed for so long: 90 (seconds), 30m, 2h', durationForm)
      .option('--recheck', 'hash what is there, even where the last run left word of it')
      .option('--no-pex', 'neither ask peers for others nor tell them of any')
      .option('--no-web-seeds', 'take nothing from the web servers that the torrent names')
      .addOption(
        new Option('--utp <use>', 'dial by uTP who has no TCP, or before TCP, or speak none of it')
          .choices(['fallback', 'preferred', 'off'])
          .default(TRANSFER_DEFAULTS.utp),
      )
      .option('--no-lsd', 'neither look for peers on the local network nor be found there (BEP 14)')
      .option('--no-port-mapping', 'do not ask the gateway (PCP, NAT-PMP, UPnP) to let peers in')
      .addOption(
        new Option('--encryption <policy>', 'whether connections to peers are encrypted (MSE)')
          .choices(['disabled', 'allowed', 'preferred', 'required'])
          .default(TRANSFER_DEFAULTS.encryption),
      )
      .option('--no-dht', 'look for nobody in the DHT')
      .addOption(dhtBootstrap()),
  )

/** Reads a command line (without the program's own name). Has no effects. Help is wrapped at `width` columns. */
export const parseArgs = (
  argv: ReadonlyArray<string>,
  version: string,
  width: number = HELP_WIDTH,
): Parsed => {
  let action: Action | undefined
  let text = ''
  const write = (more: string): void => void (text += more)

  const program = new Command('rxtorrent')
    .description('Downloads, seeds, creates and verifies torrents.')
    .version(version, '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: write,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .addHelpText('after', `${EXIT_CODES}\n${EXAMPLES}`)

  const commands: Readonly<Record<string, () => void>> = {
    download: () => {
      withTransfer(program.command('download'))
        .summary('download a torrent’s data')
        .description(
          'Downloads what a .torrent file describes, or a magnet link stands for. The same command goes on where it was stopped.',
        )
        .argument('<file.torrent|magnet>')
        .option('-o, --output <dir>', 'the folder to download into', DOWNLOAD_DEFAULTS.output)
        .option('--seed', 'go on seeding when the download is complete')
        .option('--select <files>', 'only these: numbers as in info, or patterns: 1-3,5 or *.mkv', selectForm)
        .option('--sequential', 'fetch pieces in order')
        .addOption(
          new Option('--on-conflict <what>', 'where a file is there already that no earlier run left')
            .choices(['use', 'fail', 'rename'])
            .default(DOWNLOAD_DEFAULTS.onConflict),
        )
        .option('--sync', 'wait until all of it is on the device, and not only with the system')
        .option('--save-torrent <file>', 'where to keep the torrent of a magnet link as a file')
        .option('--timeout <seconds>', 'give up when nothing has come for so long', secondsForm)
        .action((file: string, options: DownloadOptions) => {
          action = downloadAction(file, options)
        })
    },
    seed: () => {
      withTransfer(program.command('seed'))
        .summary('offer data that is there')
        .description('Checks the data of a .torrent file, then uploads it until stopped.')
        .usage('--data <dir> [options] <file.torrent>')
        .argument('<file.torrent>')
        .option('--data <dir>', 'the folder that holds the torrent’s file or folder')
        .option('--select <files>', SELECT_DATA, selectForm)
        .action((file: string, { data, ...options }: Incomplete<SeedOptions, 'data'>, command: Command) => {
          action = seedAction(file, { ...options, data: required(command, '--data <dir>', data) })
        })
    },
    create: () => {
      withCommon(program.command('create'))
        .summary('make a .torrent file')
        .description('Makes a .torrent file of a file or a folder.')
        .usage('-o <file.torrent> [options] <path>')
        .argument('<path>', 'the file or folder')
        .option('-o, --output <file.torrent>', 'where to write it')
        .option('--announce <url>', 'a tracker; may be repeated, each is a tier of its own', announceForm)
        .option(
          '--piece-length <n>',
          'bytes in a piece: 256K, 1M …; fitting the size unless given',
          pieceLengthForm,
        )
        .option('--private', 'peers come from the trackers alone (BEP 27)')
        .option('--force', 'overwrite what is there')
        .action(
          (path: string, { output, ...options }: Incomplete<CreateOptions, 'output'>, command: Command) => {
            action = createAction(path, {
              ...options,
              output: required(command, '-o, --output <file.torrent>', output),
            })
          },
        )
    },
    info: () => {
      withCommon(program.command('info'))
        .summary('show what a .torrent file says')
        .description('Shows what a .torrent file, or a magnet link, says.')
        .argument('<file.torrent|magnet>')
        .action((file: string, options: Common) => {
          action = { _tag: 'Info', file, ...common(options) }
        })
    },
    magnet: () => {
      withCommon(program.command('magnet'))
        .summary('print the magnet link of a .torrent file')
        .description('Prints the magnet link of a .torrent file, with its trackers and web seeds.')
        .argument('<file.torrent>')
        .action((file: string, options: Common) => {
          action = { _tag: 'Magnet', file, ...common(options) }
        })
    },
    scrape: () => {
      withCommon(program.command('scrape'))
        .summary('ask the trackers how many peers a torrent has')
        .description(
          'Asks every tracker of a .torrent file for its seeds, peers and downloads. Announces nothing.',
        )
        .argument('<file.torrent>')
        .action((file: string, options: Common) => {
          action = { _tag: 'Scrape', file, ...common(options) }
        })
    },
    verify: () => {
      withCommon(program.command('verify'))
        .summary('compare data with a .torrent file')
        .description('Compares the data on disk with what a .torrent file says. Changes nothing.')
        .usage('--data <dir> [options] <file.torrent>')
        .argument('<file.torrent>')
        .option('--data <dir>', 'the folder that holds the torrent’s file or folder')
        .option('--select <files>', SELECT_DATA, selectForm)
        .action((file: string, { data, ...options }: Incomplete<VerifyOptions, 'data'>, command: Command) => {
          action = verifyAction(file, { ...options, data: required(command, '--data <dir>', data) })
        })
    },
    dht: () => {
      addDhtCommands(program, (asked) => {
        action = asked
      })
    },
    demo: () => {
      program
        .command('demo')
        .summary('see it work: a tracker, two seeders and a download on this machine')
        .description(
          'Makes some data, seeds it twice on this machine, downloads it through a tracker and compares.',
        )
        .option('-q, --quiet', 'say nothing but errors')
        .action((options: Common) => {
          action = { _tag: 'Demo', quiet: common(options).quiet }
        })
    },
  }
  // To make them all takes longer than what is asked for often does.
  const [word = ''] = argv
  for (const [name, add] of Object.entries(commands))
    if (!Object.hasOwn(commands, word) || name === word) add()

  const misuse = (why: string): Parsed => ({
    _tag: 'Misuse',
    text: `${plainText(why)} (see ${commandName(commandOf(program, argv))} --help)`,
  })
  if (argv.length === 0) return misuse('no command given')
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { _tag: 'Help', text: text.trimEnd() }
    return misuse(
      error.code === 'commander.help'
        ? 'no command given'
        : (needless(program, argv, error) ?? lineOf(error)),
    )
  }
  if (action === undefined) return misuse('no command given')
  const mistake = noTorrentFile(action) ?? idle(action)
  return mistake === undefined ? { _tag: 'Run', action } : misuse(mistake)
}

type Incomplete<Options, Name extends keyof Options> = Omit<Options, Name> & Partial<Pick<Options, Name>>

/** Not by commander, which would tell of a missing option before it tells of one that it was mistaken for. */
const required = (command: Command, flags: string, value: string | undefined): string =>
  value ?? command.error(`error: required option '${flags}' not specified`)

/** The command that was meant, or the one within it. */
const commandOf = (program: Command, [word, ...words]: ReadonlyArray<string>): Command => {
  const command = program.commands.find((one) => one.name() === word)
  return command === undefined ? program : commandOf(command, words)
}

const commandName = (command: Command): string =>
  command.parent === null ? command.name() : `${commandName(command.parent)} ${command.name()}`

/** A value for an option that takes none, which commander takes for a part of its name. */
const needless = (
  program: Command,
  argv: ReadonlyArray<string>,
  { message }: CommanderError,
): string | undefined => {
  const flag = /unknown option '(--[^=']+)=/.exec(message)?.[1]
  const option = commandOf(program, argv).options.find(({ long }) => long === flag)
  return option === undefined || option.required || option.optional
    ? undefined
    : `option '${option.long ?? ''}' takes no value`
}

/** A suggestion comes on a line of its own, and some messages end in a full stop. */
const lineOf = ({ message }: CommanderError): string =>
  message
    .replace(/^error: (?:command-argument value )?/, '')
    .replace(/\.?\s*\n\s*/g, ' ')
    .replace(/\.$/, '')

/** An option that would do nothing. */
const idle = (action: Action): string | undefined => {
  const isSalted = (action._tag === 'DhtPut' || action._tag === 'DhtGet') && action.salt !== ''
  if (isSalted && (action._tag === 'DhtPut' ? action.keyFile === undefined : action.target.length === 20)) {
    return '--salt tells the values of one key apart, and there is no key'
  }
  const isLinkMeant = action._tag === 'Transfer' && action.saveTorrent !== undefined
  return isLinkMeant && !isMagnet(action.file) ? '--save-torrent is for magnet links' : undefined
}
