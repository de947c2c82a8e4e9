import type { PeerSource } from '../../operators/peer/source.js'
import type { Lsd } from './lsd.js'

/**
 * Local discovery as a source of peers: for public torrents only, as it tells the whole network of them.
 *
 * @example
 * ```ts
 * const torrent = session(metainfo, { directory: 'downloads', sources: [lsdSource(lsd())] })
 * ```
 */
export const lsdSource = ({ find }: Lsd): PeerSource => ({
  name: 'lsd',
  isPublic: true,
  find: ({ infohash, port$ }) => find(infohash, port$),
})
