import type { Observable } from 'rxjs'
import type { Either } from '#fp/Either'
import type { Option } from '#fp/Option'
import type { Magnet } from '../../codecs/magnet.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { PeerSource } from '../../operators/peer/source.js'
import type { QueuePolicy } from '../../operators/queue/policy.js'
import type { SessionDeps } from '../deps.js'
import type { SessionDht } from '../dht/sessionDht.js'
import type { EncryptionPolicy } from '../encryption/policy.js'
import type { LimitOptions } from '../limitCommands.js'
import type { SessionOptions } from '../sessionOptions.js'

export interface ClientOptions {
  /** Where the data of torrents is, or is to go, unless `add` says otherwise. */
  readonly directory: string
  /** The port that all sessions share; any free one where absent. */
  readonly port?: number
  /** Connections of all sessions together; 200 unless given. */
  readonly connections?: number
  /** Peers that all sessions together serve at once; 64 unless given. */
  readonly unchokeSlots?: number
  /**
   * Bytes of pieces under way of all sessions together; 64 MiB unless given. No hard limit: a session is left two pieces,
   * a few blocks for each peer that sends, and a piece for one that would have nothing to do, however many there are.
   */
  readonly memory?: number
  /** How fast all sessions together may go: shared out by what each can use. */
  readonly limits?: LimitOptions
  /** Which sessions may run; all where absent. */
  readonly queue?: QueuePolicy
  /** A DHT node for all sessions, but for those that are added with one of their own; none where absent. */
  readonly dht?: SessionDht
  /** Where each session looks for peers besides its trackers, unless `add` says otherwise. */
  readonly sources?: ReadonlyArray<PeerSource>
  /** Whether connections to peers are encrypted, unless `add` says otherwise; `allowed` where absent. */
  readonly encryption?: EncryptionPolicy
  /** Closes the client when it aborts. */
  readonly signal?: AbortSignal
}

/** The world of a client. */
export interface ClientDeps extends Pick<SessionDeps, 'clock' | 'network' | 'keyExchange'> {
  /** The world of a session whose data is in that folder; the client puts its own clock and network in, and encrypts. */
  readonly sessionDeps: (directory: string) => SessionDeps
  /** Reads a torrent file; a `Left` is the system's code. */
  readonly readTorrent: (path: string) => Observable<Either<string, Uint8Array>>
  /** Nothing is kept where absent. */
  readonly keptTorrents?: KeptTorrents
}

/** Where torrents that came by a magnet link are kept, so that a later run need not fetch their metadata. */
export interface KeptTorrents {
  /** What is not the torrent of that link is none. */
  readonly load: (directory: string, magnet: Magnet) => Observable<Option<Metainfo>>
  /** A `Left` is the system's code. */
  readonly save: (directory: string, magnet: Magnet, torrent: Uint8Array) => Observable<Either<string, void>>
}

/** As those of `createSession`; the port is the client's. */
export interface AddOptions extends Omit<SessionOptions, 'port'> {
  /** Where the data is, or is to go; the client's folder where absent. */
  readonly directory?: string
  /**
   * Whether the client's queue decides when the session runs. Where it does not, the session runs beside the queue, as
   * its user likes, and takes no place in it. True unless given; a `desired` of its own takes a session out of the queue.
   */
  readonly queued?: boolean
}
