import type { EncryptionPolicy } from '../index.js'
import type { CreateAction, OnConflict, TransferAction, VerifyAction } from './action.js'
import { common, type Common } from './common.js'
import type { FileChoice } from './fileChoice.js'
import type { PeerArgument } from './peerArgument.js'

// What the options of a command come to, whoever has read them.

interface TransferOptions extends Common {
  /** False after `--no-dht`. */
  readonly dht: boolean
  readonly dhtBootstrap?: ReadonlyArray<PeerArgument>
  readonly peer?: ReadonlyArray<PeerArgument>
  readonly trackers: boolean
  readonly port: number
  readonly down?: number
  readonly up?: number
  readonly seedRatio?: number
  readonly seedTime?: number
  readonly recheck?: true
  readonly pex: boolean
  readonly webSeeds: boolean
  readonly encryption: EncryptionPolicy
  readonly utp: TransferAction['utp']
  readonly lsd: boolean
  readonly portMapping: boolean
}

export interface DownloadOptions extends TransferOptions {
  readonly output: string
  readonly seed?: true
  readonly timeout?: number
  readonly select?: ReadonlyArray<FileChoice>
  readonly sequential?: true
  readonly onConflict: OnConflict
  readonly sync?: true
  readonly saveTorrent?: string
}

export interface VerifyOptions extends Common {
  readonly data: string
  readonly select?: ReadonlyArray<FileChoice>
}

export interface CreateOptions extends Common {
  readonly output: string
  readonly announce?: ReadonlyArray<string>
  readonly pieceLength?: number
  readonly private?: true
  readonly force?: true
}

export type SeedOptions = TransferOptions & VerifyOptions

/** What holds where nothing is said, of what is not absent then. */
export const TRANSFER_DEFAULTS = {
  dht: true,
  trackers: true,
  port: 0,
  pex: true,
  webSeeds: true,
  encryption: 'allowed',
  utp: 'fallback',
  lsd: true,
  portMapping: true,
} as const

export const DOWNLOAD_DEFAULTS = { ...TRANSFER_DEFAULTS, output: '.', onConflict: 'use' } as const

const transferAction = (
  options: TransferOptions,
): Omit<TransferAction, 'role' | 'file' | 'directory' | 'seed'> => ({
  _tag: 'Transfer',
  peers: options.peer ?? [],
  dht: options.dht ? { bootstrap: options.dhtBootstrap ?? [] } : 'none',
  useTrackers: options.trackers,
  port: options.port,
  down: options.down ?? Infinity,
  up: options.up ?? Infinity,
  seedRatio: options.seedRatio,
  seedSeconds: options.seedTime,
  recheck: options.recheck ?? false,
  saveTorrent: undefined,
  pex: options.pex,
  webSeeds: options.webSeeds,
  encryption: options.encryption,
  utp: options.utp,
  lsd: options.lsd,
  portMapping: options.portMapping,
  timeoutSeconds: undefined,
  select: [],
  isSequential: false,
  onConflict: 'use',
  sync: 'system',
  ...common(options),
})

export const downloadAction = (
  file: string,
  { output, seed, timeout, select, sequential, onConflict, sync, saveTorrent, ...options }: DownloadOptions,
): TransferAction => ({
  ...transferAction(options),
  role: 'download',
  file,
  directory: output,
  seed: seed === true || options.seedRatio !== undefined || options.seedTime !== undefined,
  timeoutSeconds: timeout,
  select: select ?? [],
  isSequential: sequential ?? false,
  onConflict,
  sync: sync === true ? 'device' : 'system',
  saveTorrent,
})

export const seedAction = (file: string, { data, select, ...options }: SeedOptions): TransferAction => ({
  ...transferAction(options),
  role: 'seed',
  file,
  directory: data,
  seed: true,
  select: select ?? [],
})

export const verifyAction = (file: string, { data, select, ...options }: VerifyOptions): VerifyAction => ({
  _tag: 'Verify',
  file,
  directory: data,
  select: select ?? [],
  ...common(options),
})

export const createAction = (path: string, options: CreateOptions): CreateAction => ({
  _tag: 'Create',
  path,
  output: options.output,
  announce: options.announce ?? [],
  pieceLength: options.pieceLength,
  isPrivate: options.private ?? false,
  force: options.force ?? false,
  ...common(options),
})
