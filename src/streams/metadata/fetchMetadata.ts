import { defer, filter, map, type Observable } from 'rxjs'
import type { Magnet } from '../../codecs/magnet.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { createPeerId, PEER_ID_RANDOM_LENGTH } from '../../codecs/peerId.js'
import type { MetadataConfig } from '../../operators/metadata/model.js'
import type { MetadataState } from '../../operators/metadata/state.js'
import type { PeerSource } from '../../operators/peer/source.js'
import { DEFAULT_ENCRYPTION, type EncryptionPolicy, refuseEncryption } from '../encryption/policy.js'
import { refuseMisuse } from '../sessionOptions.js'
import { type MetadataDeps, metadataLoop } from './metadataLoop.js'

export interface MetadataOptions {
  /** Port to listen on; any free one where absent. */
  readonly port?: number
  /** Peers to ask, besides those of the link and of its trackers. */
  readonly peers?: ReadonlyArray<PeerAddress>
  /** Whether peers are asked for others (BEP 11); true unless given. Nobody is told of anybody. */
  readonly pex?: boolean
  /** Where peers are looked for besides; nowhere else where absent. */
  readonly sources?: ReadonlyArray<PeerSource>
  /** Whether connections to peers are encrypted (MSE), where the world can do that; `allowed` unless given. */
  readonly encryption?: EncryptionPolicy
}

/**
 * Fetches what a magnet link stands for from the peers of its swarm (BEP 9), over the given world.
 *
 * Cold; each subscription is a search of its own. The latest state every 250 ms if something changed, and at once when the
 * metadata is there; it completes after a state that is no `Fetching`. It goes on for as long as nobody has what is looked
 * for: `progress.why` says how that is, and whoever does not want to wait unsubscribes. Never errors but for a bug.
 *
 * Whatever peers send is taken by pieces, from many at once, and believed only when all of it fits the hash of the link.
 * Misuse (a port that is none, encryption in a world that has none) throws a `TypeError` here.
 *
 * @example
 * ```ts
 * fetchMetadata(magnet, deps).subscribe((state) => {
 *   if (state._tag === 'Fetched') console.log(state.metainfo.name, state.metainfo.files.length)
 * })
 * ```
 */
export const fetchMetadata = (
  magnet: Magnet,
  deps: MetadataDeps,
  options: MetadataOptions = {},
): Observable<MetadataState> => {
  const { port = 0, sources = [], encryption = DEFAULT_ENCRYPTION } = options
  refuseMisuse({ port })
  refuseEncryption(encryption, deps.keyExchange)
  return defer(() =>
    metadataLoop(deps, {
      config: metadataConfig(magnet, deps, options),
      port,
      sources,
      encryption,
      isRecorded: false,
    }),
  ).pipe(
    filter((output) => output._tag === 'State'),
    map(({ state }) => state),
  )
}

/** What one search is made of. */
export const metadataConfig = (
  magnet: Magnet,
  { random }: Pick<MetadataDeps, 'random'>,
  { peers = [], pex = true, sources = [] }: MetadataOptions,
): MetadataConfig => ({
  magnet,
  peerId: createPeerId(random.bytes(PEER_ID_RANDOM_LENGTH)),
  seed: numberOf(random.bytes(4)),
  announceKey: numberOf(random.bytes(4)),
  peers,
  pex,
  // Who was named is about to be asked.
  hasSources: sources.length + peers.length + magnet.peers.length > 0,
})

const numberOf = (bytes: Uint8Array): number => bytes.reduce((number, byte) => number * 256 + byte, 0)
