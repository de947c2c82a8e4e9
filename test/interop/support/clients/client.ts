import type { Host } from '../hosts.js'
import type { Lab } from '../lab.js'
import type { Need } from '../requirements.js'
import type { RunningProcess } from '../runProcess.js'

/** `header`: the handshake is encrypted, and what follows it is not. */
export type Encryption = 'rc4' | 'header' | 'none'

/** What a client is to do. */
export interface Job {
  readonly lab: Lab
  readonly host: Host
  /** The .torrent file; of a download, a magnet link too. */
  readonly torrent: string
  /** Where the torrent's root lies, or is to lie. */
  readonly folder: string
  /** `HOST:PORT` of peers to dial; ignored by clients that cannot be told. */
  readonly peers?: ReadonlyArray<string>
  /** Asks peers for others (BEP 11), or does not; where absent, aria2 does not, and the others do. */
  readonly usesPex?: boolean
  /** Listens here, and not where it likes. */
  readonly port?: number
  /** More options of rxtorrent's; others know none of them. */
  readonly options?: ReadonlyArray<string>
  /** Whether it has to do with others over encrypted connections alone, or never does; as it likes where absent. */
  readonly encryption?: Encryption
  /** Looks for peers on the local network; of our own kind only those do that are told to. */
  readonly isLsd?: boolean
  /** Runs a node of the DHT, which knows nobody; only our own kind does at all. */
  readonly isDht?: boolean
  /** libtorrent speaks this alone, Transmission uTP beside TCP; rxtorrent goes by its options. TCP where absent. */
  readonly transport?: 'tcp' | 'utp'
  /** Has the gateway let peers in. */
  readonly isPortMapping?: boolean
}

/** A client at work: connected to nobody yet, perhaps. */
export interface RunningClient {
  readonly process: RunningProcess
  readonly port: number
  /** Settles when everything has been downloaded, checked and written. */
  readonly completed: () => Promise<void>
}

/** A BitTorrent program, as the tests see it. */
export interface Client {
  readonly name: string
  readonly needs: ReadonlyArray<Need>
  /** Does not make files that have no bytes. */
  readonly skipsEmptyFiles: boolean
  readonly seed: (job: Job) => Promise<RunningClient>
  readonly download: (job: Job) => Promise<RunningClient>
}
