import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a session can be told. */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'AddPeers'; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Ban'; readonly host: string }
  | StorageCommand

/** What is to be done with the files. `id` is the asker's: the notices about it carry it. */
export type StorageCommand =
  /** Closes files until they are needed; no notice. */
  | { readonly _tag: 'ReleaseHandles' }
  /** To another folder, while the session goes on: `MoveProgressed`, then `StorageMoved`. */
  | { readonly _tag: 'MoveStorage'; readonly id: number; readonly directory: string }
  /** Gives up the move of that id: everything is put back, unless it is nearly done already. `StorageOpFailed`. */
  | { readonly _tag: 'CancelMove'; readonly id: number }
  /** `file` is an index of `metainfo.files`, `path` one below the folder: `FileRenamed`. */
  | {
      readonly _tag: 'RenameFile'
      readonly id: number
      readonly file: number
      readonly path: ReadonlyArray<string>
    }
  /** Stops the session and deletes its data: `DataRemoved`. */
  | { readonly _tag: 'RemoveData'; readonly id: number }
