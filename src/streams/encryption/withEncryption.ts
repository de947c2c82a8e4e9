import { map } from 'rxjs'
import * as E from '#fp/Either'
import { equalBytes } from '../../codecs/bytes.js'
import { torrentMark } from '../../codecs/encryption/secrets.js'
import type { SwarmNames } from '../../codecs/swarmHash.js'
import type { ListenEvent, Network, SessionDeps } from '../deps.js'
import { acceptEncrypted } from './acceptEncrypted.js'
import { dialEncrypted } from './dialEncrypted.js'
import { ENCRYPTION_POLICIES, type EncryptionPolicy, refuseEncryption } from './policy.js'

/**
 * The network of one torrent that has a port of its own, by that policy. In a world without `keyExchange` it is as it was;
 * one that has to encrypt there throws a `TypeError`.
 */
export const withEncryption = (
  { network, clock, keyExchange }: Pick<SessionDeps, 'network' | 'clock' | 'keyExchange'>,
  { names, policy }: { readonly names: SwarmNames; readonly policy: EncryptionPolicy },
): Network => {
  refuseEncryption(policy, keyExchange)
  if (keyExchange === undefined || policy === 'disabled') return network
  const { methods, takesPlain } = ENCRYPTION_POLICIES[policy]
  const torrents = names.map((infohash) => ({ infohash, methods, mark: torrentMark(infohash) }))
  const accept = (event: ListenEvent): ListenEvent => {
    if (event._tag !== 'Accepted') return event
    const { socket } = acceptEncrypted(event.socket, {
      keyExchange,
      findTorrent: (mark) => torrents.find((torrent) => equalBytes(mark, torrent.mark)),
      takesPlain,
    })
    return { _tag: 'Accepted', socket }
  }
  return {
    ...network,
    connect: dialEncrypted(network.connect, { policy, infohash: names[0], keyExchange, clock }),
    listen: (options) => network.listen(options).pipe(map(E.map(accept))),
  }
}
