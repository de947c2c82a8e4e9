import { defer, distinct, mergeMap, type Observable } from 'rxjs'
import { type Notice, type PeerCloseReason, showAddress } from '../../index.js'
import { plainText } from '../format/plainText.js'

/** Peers as the user named them, by their address. */
export type PeerNames = ReadonlyMap<string, string>

/** What went wrong with the peers that the user named, in a line each; told once, however often they are dialled. */
export const namedPeerTexts =
  (names: PeerNames) =>
  (notice$: Observable<Notice>): Observable<string> =>
    defer(() => {
      const connected = new Set<number>()
      return notice$.pipe(
        mergeMap((notice) => {
          if (notice._tag === 'PeerConnected') connected.add(notice.peer)
          if (notice._tag !== 'PeerClosed') return []
          const wasConnected = connected.delete(notice.peer)
          const name = names.get(showAddress(notice))
          const why = name === undefined ? undefined : closeText(notice.reason, wasConnected)
          return name === undefined || why === undefined ? [] : [`peer ${plainText(name)}: ${why}`]
        }),
        distinct(),
      )
    })

/** Undefined for what is in order. */
const closeText = (reason: PeerCloseReason, wasConnected: boolean): string | undefined => {
  switch (reason._tag) {
    case 'SocketFailed':
      return `${SOCKET[reason.code] ?? 'the connection failed'} (${plainText(reason.code)})`
    case 'EndedByPeer':
      return wasConnected
        ? undefined
        : 'hung up before the handshake: perhaps it has not this torrent, or wants another --encryption'
    case 'HandshakeFailed':
      return HANDSHAKE[reason.cause]
    case 'BadWire':
      return `broke the protocol: ${reason.error._tag}`
    case 'ProtocolViolation':
      return `broke the protocol: ${plainText(reason.what)}`
    case 'SelfConnection':
      return 'that is this command itself'
    default:
      return undefined
  }
}

const SOCKET: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'broke the connection',
  EHOSTUNREACH: 'not reachable',
  ENETUNREACH: 'not reachable',
  ETIMEDOUT: 'no answer in time',
}

const HANDSHAKE: Readonly<Record<Extract<PeerCloseReason, { _tag: 'HandshakeFailed' }>['cause'], string>> = {
  timeout: 'no handshake in time',
  'not-bittorrent': 'does not speak BitTorrent',
  'wrong-infohash': 'has not this torrent',
}
