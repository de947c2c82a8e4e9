import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { SEQUENCE_MASK } from '../../codecs/utp/sequence.js'
import { decodeUtp, encodeUtp, UTP_TYPE, type UtpPacket } from '../../codecs/utp/utpPacket.js'
import { createEarlyRoom } from '../../operators/utp/earlyRoom.js'
import { createHalfOpen, dropLate, openHalf, takeSyn } from '../../operators/utp/halfOpen.js'
import { UTP_LIMITS, UTP_PACKET_BYTES } from '../../operators/utp/limits.js'
import { createUtpModel, microseconds } from '../../operators/utp/model.js'
import type {
  Clock,
  Datagram,
  DatagramSocket,
  PeerAddress,
  PeerSocket,
  Random,
  SocketError,
} from '../deps.js'
import { createUtpConnection, type UtpConnection } from './utpConnection.js'
import { wakeUp } from './wakeUp.js'

/** All uTP connections of one UDP port. */
export interface UtpPort {
  readonly local: PeerAddress
  /** As `Network.connect`. */
  readonly connect: (address: PeerAddress) => Observable<Either<SocketError, PeerSocket>>
  /** Takes who dials us; undefined: nobody does, and SYNs are not answered. */
  readonly onAccepted: (take: ((socket: PeerSocket) => void) | undefined) => void
  /** Closes all connections. */
  readonly close: () => void
}

export interface UtpPortOptions {
  readonly socket: DatagramSocket
  readonly clock: Clock
  readonly random: Random
  /** The first of an accepted connection and the last of it: the port is in use meanwhile. */
  readonly hold: () => () => void
}

const SECOND_MS = 1_000

export const createUtpPort = ({ socket, clock, random, hold }: UtpPortOptions): UtpPort => {
  /** By the id in the packets that come. Different peers may have the same. */
  const byId = new Map<number, UtpConnection[]>()
  const open = new Set<UtpConnection>()
  const halfOpen = createHalfOpen()
  const earlyRoom = createEarlyRoom()
  let take: ((socket: PeerSocket) => void) | undefined
  let isClosed = false
  let resets = 0
  let resetsSince = -Infinity

  const onDeadline = (now: number): number => {
    let next = dropLate(halfOpen, now)
    for (const connection of [...open]) {
      if (connection.deadline() <= now) connection.tick()
    }
    for (const connection of open) next = Math.min(next, connection.deadline())
    return next
  }
  const alarm = wakeUp(clock, onDeadline)

  const chance16 = (): number => {
    const [high = 0, low = 0] = random.bytes(2)
    return (high << 8) | low
  }

  const find = ({ host, port }: PeerAddress, id: number): UtpConnection | undefined => {
    const sharing = byId.get(id)
    if (sharing === undefined) return undefined
    for (const connection of sharing) {
      const { remote } = connection.socket
      if (remote.port === port && remote.host === host) return connection
    }
    return undefined
  }

  const add = (
    remote: PeerAddress,
    config: { readonly receiveId: number; readonly sendId: number; readonly firstSeq: number },
    accepted: { readonly ack: number } | undefined,
    on: { readonly connected: () => void; readonly closed: (code: string | undefined) => void },
  ): UtpConnection => {
    const packetBytes = UTP_PACKET_BYTES[remote.host.includes(':') ? 6 : 4]
    const connection = createUtpConnection({
      model: createUtpModel({ ...config, accepted, packetBytes }, clock.now(), earlyRoom),
      remote,
      clock,
      send: (bytes) => {
        socket.send(bytes, remote)
      },
      onTurn: () => {
        alarm.at(connection.deadline())
      },
      onConnected: on.connected,
      onClosed: (code) => {
        open.delete(connection)
        const others = byId.get(config.receiveId)?.filter((one) => one !== connection) ?? []
        if (others.length > 0) byId.set(config.receiveId, others)
        else byId.delete(config.receiveId)
        on.closed(code)
      },
    })
    open.add(connection)
    byId.set(config.receiveId, [...(byId.get(config.receiveId) ?? []), connection])
    return connection
  }

  const accept = (from: PeerAddress, packet: UtpPacket): UtpConnection | undefined => {
    if (take === undefined || open.size >= UTP_LIMITS.connections) return undefined
    const begun = openHalf(halfOpen, nameOf(from), packet)
    if (begun === undefined) return undefined
    const receiveId = packet.connectionId
    const ids = { receiveId, sendId: (receiveId - 1) & SEQUENCE_MASK, firstSeq: begun.firstSeq }
    const release = hold()
    const connection = add(from, ids, begun, { connected: ignore, closed: release })
    take(connection.socket)
    return connection
  }

  const refuse = (from: PeerAddress, packet: UtpPacket): void => {
    const now = clock.now()
    if (now - resetsSince >= SECOND_MS) {
      resetsSince = now
      resets = 0
    }
    if (++resets > UTP_LIMITS.resetsPerSecond) return
    socket.send(
      encodeUtp({
        ...packet,
        type: UTP_TYPE.reset,
        timestamp: microseconds(now),
        timestampDifference: 0,
        windowSize: 0,
        seq: 0,
        ack: packet.seq,
        sack: undefined,
        payload: NOTHING,
      }),
      from,
    )
  }

  const onDatagram = ({ from, bytes }: Datagram): void => {
    const read = decodeUtp(bytes)
    if (E.isLeft(read)) return
    const packet = read.right
    const { type, connectionId } = packet
    if (type === UTP_TYPE.syn) {
      onSyn(from, packet)
      return
    }
    const known = find(from, connectionId)
    if (known !== undefined) {
      known.receive(packet)
    } else if (type === UTP_TYPE.reset) {
      // Some name the id by which they are called.
      for (const id of [connectionId - 1, connectionId + 1]) {
        const meant = find(from, id & SEQUENCE_MASK)
        if (meant?.model.config.sendId === connectionId) meant.receive(packet)
      }
    } else {
      const accepted = accept(from, packet)
      if (accepted === undefined) refuse(from, packet)
      else accepted.receive(packet)
    }
  }

  const onSyn = (from: PeerAddress, packet: UtpPacket): void => {
    // Late, and the connection is open already.
    if (find(from, (packet.connectionId + 1) & SEQUENCE_MASK) !== undefined) return
    if (take === undefined || open.size >= UTP_LIMITS.connections) return
    const now = clock.now()
    alarm.at(dropLate(halfOpen, now))
    const answer = takeSyn(halfOpen, nameOf(from), packet, now, chance16)
    if (answer !== undefined) socket.send(answer, from)
    alarm.at(now + UTP_LIMITS.halfOpenMs)
  }

  const connect = (address: PeerAddress): Observable<Either<SocketError, PeerSocket>> =>
    new Observable((subscriber) => {
      let receiveId = chance16()
      while (find(address, receiveId) !== undefined) receiveId = (receiveId + 2) & SEQUENCE_MASK
      if (isClosed || open.size >= UTP_LIMITS.connections) {
        subscriber.next(E.left({ _tag: 'SocketError', code: isClosed ? 'ECANCELED' : 'EMFILE' }))
        subscriber.complete()
        return undefined
      }
      let isConnected = false
      const ids = { receiveId, sendId: (receiveId + 1) & SEQUENCE_MASK, firstSeq: chance16() }
      const connection = add(address, ids, undefined, {
        connected: () => {
          isConnected = true
          subscriber.next(E.right(connection.socket))
        },
        closed: (code) => {
          if (!isConnected && code !== undefined) subscriber.next(E.left({ _tag: 'SocketError', code }))
          subscriber.complete()
        },
      })
      connection.dial()
      return connection.socket.destroy
    })

  const receiving = socket.datagram$.subscribe({ next: onDatagram, error: ignore })
  return {
    local: socket.local,
    connect,
    onAccepted: (next) => {
      take = next
    },
    close: () => {
      isClosed = true
      receiving.unsubscribe()
      for (const connection of [...open]) connection.socket.destroy()
      alarm.stop()
    },
  }
}

const NOTHING = new Uint8Array(0)

const nameOf = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`

const ignore = (): void => undefined
