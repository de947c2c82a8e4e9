import type { EncryptionPolicy, NodeSessionOptions, UtpUse } from '../index.js'
import type { FileChoice } from './fileChoice.js'
import type { PeerArgument } from './peerArgument.js'

/** What the command line asks for, understood and checked as far as it can be without looking at the disk. */
export type Action = ShowAction | WorkAction

/** What needs no more than a file or a link. */
export type ShowAction = InfoAction | MagnetAction

export type WorkAction =
  | TransferAction
  | CreateAction
  | VerifyAction
  | DhtGetAction
  | DhtPutAction
  | ScrapeAction
  | { readonly _tag: 'Demo'; readonly quiet: boolean }

/** `use` what of it is right and overwrite the rest, `fail`, or download under another name. */
export type OnConflict = 'use' | 'fail' | 'rename'

export interface TransferAction {
  readonly _tag: 'Transfer'
  readonly role: 'download' | 'seed'
  /** A .torrent file; of a download, a magnet link too. */
  readonly file: string
  /** The folder in which the torrent's own file or folder lies. */
  readonly directory: string
  readonly peers: ReadonlyArray<PeerArgument>
  /** Where to find others of the DHT; `none`: do without it. */
  readonly dht: DhtChoice
  /** Ask the trackers, and tell them of us. */
  readonly useTrackers: boolean
  /** 0 leaves the choice to the system. */
  readonly port: number
  /** Go on when all is there. */
  readonly seed: boolean
  /** Stop seeding once so much of the torrent's size was uploaded. */
  readonly seedRatio: number | undefined
  /** Stop seeding after so long. */
  readonly seedSeconds: number | undefined
  /** Give up after so long without progress. */
  readonly timeoutSeconds: number | undefined
  /** Only these files; where there are none, all of them to download, and to seed those of the last run. */
  readonly select: ReadonlyArray<FileChoice>
  readonly isSequential: boolean
  /** Bytes a second; `Infinity`: no limit. */
  readonly down: number
  readonly up: number
  /** Look for peers on the local network, where the torrent is public. */
  readonly lsd: boolean
  /** Have the gateway lead the port inside. */
  readonly portMapping: boolean
  /** Hash what is there, whatever the resume data says. */
  readonly recheck: boolean
  /** Where to keep a torrent that comes by a magnet link. */
  readonly saveTorrent: string | undefined
  /** Whether peers are spoken to over uTP, and how. */
  readonly utp: UtpUse
  /** Peers are asked for others. */
  readonly pex: boolean
  /** What the torrent names on the web is taken from there. */
  readonly webSeeds: boolean
  readonly encryption: EncryptionPolicy
  /** What to do where a file of the torrent is there already, and not from an earlier run. */
  readonly onConflict: OnConflict
  /** What is waited for at the end. */
  readonly sync: NonNullable<NodeSessionOptions['sync']>
  readonly json: boolean
  readonly quiet: boolean
}

/** The nodes to begin with; without any, the well-known ones. */
export type DhtChoice = 'none' | { readonly bootstrap: ReadonlyArray<PeerArgument> }

interface DhtAction {
  readonly bootstrap: ReadonlyArray<PeerArgument>
  /** Tells the items of one key apart. */
  readonly salt: string
  readonly json: boolean
  readonly quiet: boolean
}

export interface DhtGetAction extends DhtAction {
  readonly _tag: 'DhtGet'
  /** 20 bytes, the hash of a value, or 32 bytes, a public key. */
  readonly target: Uint8Array
}

export interface DhtPutAction extends DhtAction {
  readonly _tag: 'DhtPut'
  readonly value: string
  /** The file of a private key, made where it is not there; undefined: found by its hash, for ever the same. */
  readonly keyFile: string | undefined
}

export interface CreateAction {
  readonly _tag: 'Create'
  readonly path: string
  readonly output: string
  /** One tier each. */
  readonly announce: ReadonlyArray<string>
  readonly pieceLength: number | undefined
  readonly isPrivate: boolean
  readonly force: boolean
  readonly json: boolean
  readonly quiet: boolean
}

export interface InfoAction {
  readonly _tag: 'Info'
  /** A .torrent file, or a magnet link. */
  readonly file: string
  readonly json: boolean
  readonly quiet: boolean
}

export interface MagnetAction {
  readonly _tag: 'Magnet'
  readonly file: string
  readonly json: boolean
  readonly quiet: boolean
}

export interface VerifyAction {
  readonly _tag: 'Verify'
  readonly file: string
  /** The folder in which the torrent's own file or folder lies. */
  readonly directory: string
  /** Only these files; where there are none, those of the last run. */
  readonly select: ReadonlyArray<FileChoice>
  readonly json: boolean
  readonly quiet: boolean
}

export interface ScrapeAction {
  readonly _tag: 'Scrape'
  readonly file: string
  readonly json: boolean
  readonly quiet: boolean
}
