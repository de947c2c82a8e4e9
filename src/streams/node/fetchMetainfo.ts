import type { Observable } from 'rxjs'
import type { Magnet } from '../../codecs/magnet.js'
import type { MetadataState } from '../../operators/metadata/state.js'
import { fetchMetadata, type MetadataOptions } from '../metadata/fetchMetadata.js'
import type { MetadataDeps } from '../metadata/metadataLoop.js'
import type { UtpUse } from '../utp/withUtp.js'
import { nodeClock } from './clock.js'
import { nodeKeyExchange } from './keyExchange.js'
import { nodeNetwork } from './network.js'
import { nodeRandom } from './random.js'
import { nodeTrackers } from './trackerClient.js'

export interface NodeMetadataOptions extends MetadataOptions {
  /** Parts of the world to replace. */
  readonly deps?: Partial<MetadataDeps>
  /** Whether peers are spoken to over uTP too (BEP 29); `fallback` unless given. */
  readonly utp?: UtpUse
}

/**
 * What a magnet link stands for, from its swarm: `fetchMetadata` over this machine. Cold; see there for what it promises.
 * The session that follows takes the peers and the port over.
 *
 * @example
 * ```ts
 * fetchMetainfo(magnet)
 *   .pipe(
 *     filter((state) => state._tag === 'Fetched'),
 *     switchMap(({ metainfo, peers }) => session(metainfo, { directory: 'downloads', peers }).progress$),
 *   )
 *   .subscribe(({ fraction }) => console.log(`${(100 * fraction).toFixed(1)} %`))
 * ```
 */
export const fetchMetainfo = (magnet: Magnet, options: NodeMetadataOptions = {}): Observable<MetadataState> =>
  fetchMetadata(
    magnet,
    {
      network: nodeNetwork({ utp: options.utp ?? 'fallback' }),
      clock: nodeClock,
      trackers: nodeTrackers(),
      random: nodeRandom,
      keyExchange: nodeKeyExchange,
      ...options.deps,
    },
    options,
  )
