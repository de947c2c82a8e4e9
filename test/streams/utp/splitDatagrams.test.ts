import { Subscription } from 'rxjs'
import { beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { encodeUtp, UTP_TYPE } from '../../../src/codecs/utp/utpPacket.js'
import type { BindOptions, Datagrams, DatagramSocket } from '../../../src/streams/deps.js'
import { splitDatagrams, type SplitDatagrams } from '../../../src/streams/utp/splitDatagrams.js'
import {
  createVirtualClock,
  createVirtualDatagrams,
  type VirtualClock,
  type VirtualDatagrams,
} from '../../../src/streams/virtual/index.js'

const utpBytes = encodeUtp({
  type: UTP_TYPE.syn,
  connectionId: 1,
  timestamp: 2,
  timestampDifference: 3,
  windowSize: 4,
  seq: 5,
  ack: 6,
  sack: undefined,
  payload: new Uint8Array(0),
})
const krpcBytes = new TextEncoder().encode('d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe')

let clock: VirtualClock
let datagrams: VirtualDatagrams
let split: SplitDatagrams
beforeEach(() => {
  clock = createVirtualClock()
  datagrams = createVirtualDatagrams({ clock, seed: 1, latencyMs: 1 })
  split = splitDatagrams(datagrams.host(['10.0.0.1']))
})

interface Opened {
  readonly log: string[]
  readonly sockets: DatagramSocket[]
  readonly close: () => void
}

const open = (from: Datagrams, options: Partial<BindOptions> = {}): Opened => {
  const log: string[] = []
  const sockets: DatagramSocket[] = []
  const subscription = new Subscription()
  const listen = (socket: DatagramSocket): Subscription =>
    socket.datagram$.subscribe({
      next: ({ bytes }) => log.push(bytes.length === utpBytes.length ? 'utp' : 'krpc'),
      error: expect.unreachable,
    })
  subscription.add(
    from.bind({ port: 6881, family: 4, ...options }).subscribe({
      next: (bound) => {
        if (E.isLeft(bound)) {
          log.push(bound.left.code)
          return
        }
        sockets.push(bound.right)
        log.push(`open ${String(bound.right.local.port)}`)
        subscription.add(listen(bound.right))
      },
      error: expect.unreachable,
      complete: () => log.push('end'),
    }),
  )
  clock.advanceBy(0)
  return {
    log,
    sockets,
    close: () => {
      subscription.unsubscribe()
    },
  }
}

const sendBoth = (port: number): void => {
  const stranger = open(datagrams.host(['10.0.0.2']), { port: 0 })
  for (const bytes of [utpBytes, krpcBytes, new Uint8Array(3)])
    stranger.sockets[0]?.send(bytes, { host: '10.0.0.1', port })
  clock.advanceBy(10)
  stranger.close()
}

describe('splitDatagrams', () => {
  it('gives each what is its own, from one port', () => {
    const [utp, krpc] = [open(split.utp), open(split.krpc)]
    expect(datagrams.openPorts('10.0.0.1')).toBe(1)
    sendBoth(6881)
    expect(utp.log).toEqual(['open 6881', 'utp'])
    // What is neither is for the DHT to judge, as it was.
    expect(krpc.log).toEqual(['open 6881', 'krpc', 'krpc'])
  })

  it('keeps the port open while either wants it', () => {
    const [utp, krpc] = [open(split.utp), open(split.krpc)]
    krpc.close()
    sendBoth(6881)
    expect(utp.log).toEqual(['open 6881', 'utp'])
    const again = open(split.krpc)
    utp.close()
    sendBoth(6881)
    expect(again.log).toEqual(['open 6881', 'krpc', 'krpc'])
    again.close()
    expect(datagrams.openPorts('10.0.0.1')).toBe(0)
  })

  it('has one of each kind', () => {
    const first = open(split.utp)
    expect(open(split.utp).log).toEqual(['EADDRINUSE', 'end'])
    sendBoth(6881)
    expect(first.log).toEqual(['open 6881', 'utp'])
    first.close()
    expect(open(split.utp).log).toEqual(['open 6881'])
  })

  it('tells each that a port cannot be had', () => {
    const stranger = open(datagrams.host(['10.0.0.1']))
    expect(stranger.log).toEqual(['open 6881'])
    expect([open(split.utp).log, open(split.krpc).log]).toEqual([
      ['EADDRINUSE', 'end'],
      ['EADDRINUSE', 'end'],
    ])
    stranger.close()
    expect(open(split.krpc).log).toEqual(['open 6881'])
  })

  it('takes any port for another each time', () => {
    const ports = [open(split.utp, { port: 0 }), open(split.krpc, { port: 0 })].map(
      ({ sockets }) => sockets[0]?.local.port,
    )
    expect(new Set(ports).size).toBe(2)
  })
})
