import { createResponder, type SoughtTorrent } from '../../codecs/encryption/responder.js'
import type { KeyExchange, PeerSocket } from '../deps.js'
import { createNegotiation } from './negotiatedSocket.js'
import { cryptoPadding } from './padding.js'

export interface AcceptOptions {
  readonly keyExchange: KeyExchange
  /** The torrent of that `torrentMark`. */
  readonly findTorrent: (mark: Uint8Array) => SoughtTorrent | undefined
  readonly takesPlain: boolean
}

export interface AcceptedPeer {
  /** Gives what the peer says, decrypted. Whoever reads it sets a time for that. */
  readonly socket: PeerSocket
  /** For which torrent it was encrypted; undefined while that is not known, and where it is plain. */
  readonly encryptedFor: () => Uint8Array | undefined
}

/** A connection that came in, encrypted or not: its first bytes tell. */
export const acceptEncrypted = (inner: PeerSocket, options: AcceptOptions): AcceptedPeer => {
  const { newKeyPair, random } = options.keyExchange
  let encryptedFor: Uint8Array | undefined
  const negotiation = createNegotiation({
    remote: inner.remote,
    retry: () => false,
    onOpen: () => undefined,
    onDestroy: () => undefined,
  })
  const handshake = createResponder({
    newKeyPair,
    padding: cryptoPadding(random),
    findTorrent: (mark) => {
      const torrent = options.findTorrent(mark)
      encryptedFor = torrent?.infohash
      return torrent
    },
    takesPlain: options.takesPlain,
  })
  negotiation.attach({ inner, handshake, isPlain: false })
  return { socket: negotiation.socket, encryptedFor: () => encryptedFor }
}
