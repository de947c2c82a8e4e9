import type { PeerArgument } from './peerArgument.js'

/** What the command line asks for, understood and checked as far as it can be without looking at the disk. */
export type Action =
  | TransferAction
  | CreateAction
  | InfoAction
  | VerifyAction
  | { readonly _tag: 'Demo'; readonly quiet: boolean }

export interface TransferAction {
  readonly _tag: 'Transfer'
  readonly role: 'download' | 'seed'
  readonly file: string
  /** The folder in which the torrent's own file or folder lies. */
  readonly directory: string
  readonly peers: ReadonlyArray<PeerArgument>
  /** 0: any. */
  readonly port: number
  /** Go on when all is there. */
  readonly seed: boolean
  /** Give up after so long without progress. */
  readonly timeoutSeconds: number | undefined
  readonly json: boolean
  readonly quiet: boolean
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
  readonly file: string
  readonly json: boolean
  readonly quiet: boolean
}

export interface VerifyAction {
  readonly _tag: 'Verify'
  readonly file: string
  /** The folder in which the torrent's own file or folder lies. */
  readonly directory: string
  readonly json: boolean
  readonly quiet: boolean
}
