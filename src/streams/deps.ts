import type { Observable, SchedulerLike } from 'rxjs'
import type { Either } from '#fp/Either'
import type { Option } from '#fp/Option'
import type { AnnounceRequest, AnnounceResponse } from '../codecs/announce.js'
import type { ScrapeEntry } from '../codecs/scrapeResponse.js'
import type { NewKeyPair } from '../codecs/encryption/keyPair.js'
import type { TrackerError } from '../codecs/trackerError.js'
import type { PeerAddress } from '../codecs/peerAddress.js'
import type { WebSeedError } from '../codecs/webSeedError.js'
import type { FileStat, ResumeError } from '../codecs/resume.js'
import type { PathPlatform } from '../codecs/safePath.js'
import type { FlushReach } from '../operators/resume/syncedPieces.js'
import type { LongFile } from '../operators/session/longFile.js'
import type { StorageError } from '../operators/session/storageError.js'
import type { BufferPool } from './disk/bufferPool.js'
import type { Pulse } from './pulse.js'

export type {
  FileStat,
  LongFile,
  PeerAddress,
  ResumeError,
  ScrapeEntry,
  StorageError,
  TrackerError,
  WebSeedError,
}

/**
 * The outside world of a session, as a plain record: everything that has an effect, a clock or chance in it.
 * A platform is a folder that makes one of these (`node/`, `virtual/`).
 *
 * Drivers answer with values: an expected failure is a `Left`, an `error` notification is a bug.
 */
export interface SessionDeps {
  readonly network: Network
  readonly clock: Clock
  readonly openStorage: OpenStorage
  readonly hasher: Hasher
  /** The memory of pieces under way, where many sessions share it; the session's own where absent. */
  readonly buffers?: BufferPool
  readonly trackers: TrackerClient
  /** How web seeds are read (BEP 17, 19); absent: not at all. */
  readonly webSeeds?: WebSeedClient
  readonly random: Random
  /** What encrypted connections (MSE) are made with; absent: there are none. */
  readonly keyExchange?: KeyExchange
  /** Where resume data are kept; absent: nowhere, and every start checks what is on disk. */
  readonly resume?: ResumeStore
  /** Whose file names the paths that resume data bring have to be; `posix` where absent. */
  readonly fileNames?: PathPlatform
  /**
   * Names this run of the system, from its boot to its end: what the system has taken is not lost while it lasts. With it,
   * a session does not wait for the device when a download is complete or stops: it keeps in the resume data what may not
   * have come there yet, which another run of the system hashes. Absent: everything is on the device before it is
   * claimed, or told to be complete.
   */
  readonly bootId?: string | undefined
  /** What the session goes by, where many share it; timers of its own where absent. */
  readonly pulse?: Pulse
}

/** Monotonic milliseconds (wall-clock jumps do not show) and the timers that go with them. */
export interface Clock extends SchedulerLike {
  now: () => number
  /** Milliseconds since 1970, where the platform knows. Only ever kept for people. */
  date?: () => number
}

/** Unpredictable bytes (peer ids, keys, the seed of the model's own generator). */
export interface Random {
  readonly bytes: (count: number) => Uint8Array
}

/** Diffie-Hellman as MSE has it, and what its padding is made of. */
export interface KeyExchange {
  readonly newKeyPair: NewKeyPair
  readonly random: Random
}

export interface Network {
  /**
   * Dials. Cold; emits once. The socket lives until it closes or the subscription ends, which destroys it; the
   * observable completes when the socket has closed.
   */
  readonly connect: (address: PeerAddress, how?: DialOptions) => Observable<Either<SocketError, PeerSocket>>
  /** Listens. Cold; unsubscribing closes the port (accepted sockets live on). Port 0 takes a free one. */
  readonly listen: (options: ListenOptions) => Observable<Either<SocketError, ListenEvent>>
}

export interface DialOptions {
  /** The other end dials us at this moment (BEP 55). Whoever wraps a network hands it on. */
  readonly isPunch?: boolean
}

export interface ListenOptions {
  readonly port: number
  /** Address to bind; both families where absent. */
  readonly host?: string
}

export type ListenEvent =
  | { readonly _tag: 'Listening'; readonly port: number }
  | { readonly _tag: 'Accepted'; readonly socket: PeerSocket }
  /** The UDP port of that number cannot be had: nobody comes by uTP. All else goes on. */
  | { readonly _tag: 'UtpListenFailed'; readonly code: string }

export interface SocketError {
  readonly _tag: 'SocketError'
  /** `ECONNREFUSED`, `ETIMEDOUT`, `EADDRINUSE` … */
  readonly code: string
}

/** A byte pipe to a peer: TCP or uTP; encrypted pipes have the same face. */
export interface PeerSocket {
  readonly remote: PeerAddress
  /**
   * What the peer sends. One subscriber; nothing is read before it subscribes. A chunk is a borrowed view: it is
   * overwritten once the emission returns. Completes when the peer ends or the socket is destroyed, after at most
   * one `Left`.
   */
  readonly chunk$: Observable<Either<SocketError, Uint8Array>>
  /** Emits when a `write` that answered false has drained. */
  readonly drain$: Observable<void>
  /**
   * Queues the buffers, in order, as one write; false: wait for `drain$`. The buffers belong to the socket until it calls
   * `onTaken`, later and at most once, when it does not look at them any more; a socket need not call it ever.
   */
  readonly write: (buffers: ReadonlyArray<Uint8Array>, onTaken?: () => void) => boolean
  readonly pause: () => void
  readonly resume: () => void
  /** Sends what is queued, then closes. */
  readonly end: () => void
  /** Closes at once. Idempotent. */
  readonly destroy: () => void
  /** Whether what goes over it is encrypted (RC4), as far as is known yet; absent: no. */
  readonly isEncrypted?: () => boolean
  /** From its first chunk on: the one that it stands for, to be kept in its place. A copy with its own `write`: itself. */
  readonly settled?: () => PeerSocket
}

/** Where a torrent's bytes lie: the stream that pieces are cut from, and the files it is cut into. */
export interface StorageLayout {
  /** Names the torrent: its infohash, in hex. */
  readonly id: string
  readonly pieceLength: number
  readonly length: number
  readonly files: ReadonlyArray<StorageFile>
  /**
   * How pieces are hashed: by SHA-1 where absent. `merkle`: by the SHA-256 root over the blocks of the one file that has
   * bytes in the piece, as `piece layers` has it (BEP 52); what follows the end of the file has no part in it.
   */
  readonly pieceHash?: 'merkle'
}

export interface StorageFile {
  /** Safe elements below the download folder: of the torrent, or where an earlier run has renamed the file to. */
  readonly path: ReadonlyArray<string>
  readonly length: number
  /** First byte in the stream. */
  readonly offset: number
  /** All zeros, never on disk. */
  readonly isPad: boolean
  readonly isExecutable: boolean
  readonly symlink: ReadonlyArray<string> | undefined
}

/**
 * Opens a torrent's storage. Cold; emits once and stays open until unsubscribed, which releases every handle. With
 * `directory`, there: it is where an earlier storage of the session has moved the files.
 */
export type OpenStorage = (
  layout: StorageLayout,
  directory?: string,
) => Observable<Either<StorageError, Storage>>

/**
 * Positioned access to the stream, over as many files as it takes. Every call is a cold Observable that emits once and
 * completes. Pad files read as zeros and swallow writes.
 *
 * What is optional, a storage may lack: a session that is asked for it answers `unsupported`.
 */
export interface Storage {
  /** Where the files are at present; absent where they are nowhere in particular. */
  readonly directory?: string
  /**
   * What path below it each file of the layout has at present; absent where all have those of the layout. One that
   * renames has it, or the names are forgotten when the session is left and subscribed to anew.
   */
  readonly paths?: ReadonlyArray<ReadonlyArray<string>>
  /** Exactly `length` bytes, in a buffer of the caller's own. Bytes never written are a `Left` (`missing`), never zeros. */
  readonly read: (offset: number, length: number) => Observable<Either<StorageError, Uint8Array>>
  /**
   * As `read`, into `parts`, one after the other: for who has a place for the bytes already. `parts` hold anything after a
   * `Left`, and must be left alone until the answer, whoever still listens.
   */
  readonly readInto?: (
    offset: number,
    parts: ReadonlyArray<Uint8Array>,
  ) => Observable<Either<StorageError, void>>
  /** All of `bytes` or a `Left`; a short write is carried on. `bytes` do not change before the answer, and may after it. */
  readonly write: (offset: number, bytes: Uint8Array) => Observable<Either<StorageError, void>>
  /**
   * What was written before the call is on the device, whatever other flush is under way. Also makes the empty files and
   * folders that have no byte to write. `system`: it is enough that the system has everything; no device is waited for.
   */
  readonly flush: (reach?: FlushReach) => Observable<Either<StorageError, void>>
  /**
   * Files of the layout that somebody wrote to before this storage was opened, and that may not be on the device: the next
   * flush that reaches it sees to them too. Without it, a flush sees to all that anybody wrote.
   */
  readonly adopt?: (files: ReadonlyArray<number>) => void
  /**
   * Hashes of the pieces `first … last` (see `StorageLayout.pieceHash`) from the storage, in order, in batches, off the
   * loop where the platform can. Completes after `last`; unsubscribing cancels.
   */
  readonly hashPieces: (first: number, last: number) => Observable<Either<StorageError, PieceDigests>>
  /**
   * Which files are wanted, one for each of the layout; all are until it is said. Called before anything is written or
   * hashed, and whenever it changes. A file that is not wanted and not there is never made: what its pieces share with
   * others is kept elsewhere, and comes to the file when it is wanted. Without it every file is made.
   */
  readonly select?: (wanted: ReadonlyArray<boolean>) => Observable<Either<StorageError, void>>
  /**
   * What is known of each file without reading it; none for pad files, symlinks, and what is not there. Equal to what
   * was said before: nobody else has changed the data since. A file that is not there and may have bytes in the part file
   * is described by that, by one value for all such files.
   */
  readonly stat?: () => Observable<Either<StorageError, ReadonlyArray<Option<FileStat>>>>
  /**
   * The files, wanted or not, that have more bytes than the layout says; an open storage is asked once. What is not a file of
   * its own is none: symlinks are not followed, and what is kept elsewhere does not count.
   */
  readonly longFiles?: () => Observable<Either<StorageError, ReadonlyArray<LongFile>>>
  /** Closes what is open, as soon as it is not in use; it is opened afresh when needed. */
  readonly releaseHandles?: () => void
  /**
   * Moves everything to another folder, and the storage with it: what is read and written meanwhile waits. Emits while
   * it goes on and once more, with `isDone`, at the end; or a `Left`, after which all is where it was. So it is too
   * when the subscription ends before; unless the sources are being taken away already, when it goes on to its end.
   */
  readonly move?: (directory: string) => Observable<Either<StorageError, MoveProgress>>
  /**
   * Gives a file another path below the folder. One that is not safe, or that another file of the torrent or a stranger
   * has, is a `conflict`. The next run opens the storage with a layout that has it. Symlinks of the torrent that lead to the file are left as they are.
   */
  readonly rename?: (file: number, path: ReadonlyArray<string>) => Observable<Either<StorageError, void>>
  /**
   * Deletes the files and what else was made for them, and nothing of others: of a file that is not wanted only what
   * this storage wrote, or what `vouched` says, by file, to have bytes of the torrent; a file that somebody put in place
   * while its bytes were kept elsewhere stays whatever is said. The end of this storage: from here on it answers
   * `closed`.
   */
  readonly remove?: (vouched?: ReadonlyArray<boolean>) => Observable<Either<StorageError, void>>
}

/**
 * Where resume data are kept, by torrent: `id` is its infohash in hexadecimal. Calls for one torrent are done in the
 * order in which they come. Cold; each emits once and completes.
 */
export interface ResumeStore {
  /** None where nothing was saved. */
  readonly load: (id: string) => Observable<Either<ResumeError, Option<Uint8Array>>>
  /**
   * Replaces what was saved, as a whole or not at all: after a crash one or the other is there, and once it has answered
   * the new one. Once begun it goes on although nobody listens. A `reach` of `system`, not `device`, asks for less, where
   * there is nothing to be replaced: that it outlives the process; a crash of the system may leave a part, or nothing.
   */
  readonly save: (id: string, bytes: Uint8Array, reach?: FlushReach) => Observable<Either<ResumeError, void>>
  readonly remove: (id: string) => Observable<Either<ResumeError, void>>
  /** The store beside data that has moved to another folder; absent where it stays the same one. */
  readonly at?: (directory: string) => ResumeStore
}

/** How far a move is. Bytes that need no copying count as well. */
export interface MoveProgress {
  readonly movedBytes: number
  readonly totalBytes: number
  readonly isDone: boolean
}

/**
 * Digests of `present.length` consecutive pieces from `first`, 20 bytes each of SHA-1, 32 of `merkle`; where `present[i]`
 * is 0 the data is not there.
 */
export interface PieceDigests {
  readonly first: number
  readonly digests: Uint8Array
  readonly present: Uint8Array
}

export interface Hasher {
  /**
   * SHA-1 off the loop. Takes `bytes.buffer` over and gives it back, in a new view, with the digest: do not touch
   * `bytes` in between. Where the bytes are lost with the worker that had them, both come back empty.
   */
  readonly sha1: (
    bytes: Uint8Array,
  ) => Observable<{ readonly digest: Uint8Array; readonly bytes: Uint8Array }>
  /**
   * SHA-1 on the loop, block by block as they come. There only where that is the better bargain: bytes that are still in
   * the cache cost a few microseconds a block, and no thread has to be found for them.
   */
  readonly start?: () => RunningHash
  /** As `sha1`, the hash of a piece of a torrent that is hashed by `merkle`; made on the loop where absent. */
  readonly merkle?: (
    bytes: Uint8Array,
    pieceLength: number,
  ) => Observable<{ readonly digest: Uint8Array; readonly bytes: Uint8Array }>
  /** As `start`, for such a piece. */
  readonly startMerkle?: (pieceLength: number) => RunningHash
}

export interface RunningHash {
  readonly update: (bytes: Uint8Array) => void
  /** Once, at the end. */
  readonly digest: () => Uint8Array
}

export interface TrackerClient {
  /** One announce. Cold; emits once and completes; unsubscribing aborts. Any URL: an unknown scheme is a `Left`. */
  readonly announce: (
    url: string,
    request: AnnounceRequest,
  ) => Observable<Either<TrackerError, AnnounceResponse>>
  /**
   * What the tracker knows of the swarms (BEP 48, BEP 15), by infohash in lower-case hexadecimal; those that it does not
   * know are left out. Takes an announce URL. Cold; emits once and completes; unsubscribing aborts.
   */
  readonly scrape?: (
    url: string,
    infohashes: ReadonlyArray<Uint8Array>,
  ) => Observable<Either<TrackerError, ReadonlyMap<string, ScrapeEntry>>>
}

export interface WebSeedClient {
  /** A place to read from, with what it keeps between reads: connections, where redirects led. Nothing happens yet. */
  readonly open: () => WebSeedConnection
}

export interface WebSeedConnection {
  /**
   * Exactly `length` bytes, in order, in chunks of the receiver's own, then completion; or, as the last value, why not.
   * Cold; unsubscribing aborts.
   */
  readonly read: (read: WebSeedRead) => Observable<Either<WebSeedError, Uint8Array>>
  /** Lets go of everything. */
  readonly close: () => void
}

export interface WebSeedRead {
  readonly url: string
  /** Which bytes of what is there; undefined: it is what is asked for, as a whole. */
  readonly range: { readonly first: number; readonly of: number } | undefined
  readonly length: number
}

/**
 * Looks a name up. Cold; emits once and completes: its addresses, the best first, at least one. An address is its own.
 */
export type ResolveName = (name: string) => Observable<Either<SocketError, ReadonlyArray<string>>>

/** UDP: for trackers, the DHT, local discovery and gateways. */
export interface Datagrams {
  /**
   * Opens a port. Cold; emits once and stays open until unsubscribed, or until the system closes it, when it completes.
   */
  readonly bind: (options: BindOptions) => Observable<Either<SocketError, DatagramSocket>>
}

export interface BindOptions {
  /** 0: any. */
  readonly port: number
  readonly family: 4 | 6
  /** Address to bind; any of the family where absent. */
  readonly host?: string
  /**
   * A group to listen to as well, within the network that the machine is on; the port is then shared with other programs
   * that do. The interface by its address (IPv4) or as `::%name` (IPv6), for sending too; every one where absent.
   */
  readonly multicast?: { readonly group: string; readonly interface?: string }
  /** Bytes that the system is asked to keep of what comes faster than it is read; its own idea where absent. */
  readonly receiveBytes?: number
}

export interface Datagram {
  readonly from: PeerAddress
  /** The receiver's own. */
  readonly bytes: Uint8Array
}

/** An open UDP port. */
export interface DatagramSocket {
  readonly local: PeerAddress
  /** What comes in. Hot, no replay; completes when the socket closes. */
  readonly datagram$: Observable<Datagram>
  /** Sends to an IP address, or drops it: UDP promises nothing, and what cannot be sent counts as lost on the way. */
  readonly send: (bytes: Uint8Array, to: PeerAddress) => void
}
