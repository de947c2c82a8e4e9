import { filter, map, Subscription } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Datagrams, Network } from '../../../src/streams/deps.js'
import { utpNetwork } from '../../../src/streams/utp/utpNetwork.js'
import {
  createVirtualClock,
  createVirtualDatagrams,
  createVirtualRandom,
  type VirtualClock,
} from '../../../src/streams/virtual/index.js'

const PORT = 6_881

let clock: VirtualClock
let near: Network
let far: Network
let log: string[]
let running: Subscription
beforeEach(() => {
  clock = createVirtualClock()
  log = []
  running = new Subscription()
  const datagrams = createVirtualDatagrams({ clock, seed: 1, latencyMs: 30 })
  const behind = (host: string, seed: number): Network => {
    const network = utpNetwork({
      datagrams: translated(datagrams.host([host])),
      clock,
      random: createVirtualRandom(seed),
    })
    running.add(
      network.listen({ port: PORT }).subscribe({
        next: (event) => {
          if (E.isRight(event) && event.right._tag === 'Accepted') log.push(`${host} accepted`)
        },
        error: expect.unreachable,
      }),
    )
    return network
  }
  near = behind('10.0.0.1', 1)
  far = behind('10.0.0.2', 2)
  // Ports open.
  clock.advanceBy(1)
})
afterEach(() => {
  running.unsubscribe()
})

/** Lets in only who was sent something before. */
const translated = (datagrams: Datagrams): Datagrams => ({
  bind: (options) =>
    datagrams.bind(options).pipe(
      map(
        E.map((socket) => {
          const known = new Set<string>()
          return {
            ...socket,
            send: (bytes, to) => {
              known.add(to.host)
              socket.send(bytes, to)
            },
            datagram$: socket.datagram$.pipe(filter(({ from }) => known.has(from.host))),
          }
        }),
      ),
    ),
})

const dial = (network: Network, host: string): void => {
  running.add(
    network.connect({ host, port: PORT }, { isPunch: true }).subscribe({
      next: (answer) => {
        if (E.isLeft(answer)) log.push(answer.left.code)
        else log.push(`connected to ${host}`)
      },
      error: expect.unreachable,
    }),
  )
}

describe('two peers behind address translators', () => {
  it('do not reach each other', () => {
    dial(near, '10.0.0.2')
    clock.advanceBy(10_000)
    expect(log).toEqual(['ETIMEDOUT'])
  })

  it('do where both dial, from the ports that they listen on, at about the same time', () => {
    dial(near, '10.0.0.2')
    clock.advanceBy(200)
    dial(far, '10.0.0.1')
    clock.advanceBy(5_000)
    // Each has dialled the other: which of the two connections stays is for the sessions to say.
    expect(log).toContain('connected to 10.0.0.1')
    expect(log.filter((line) => line.endsWith('accepted')).length).toBeGreaterThan(0)
    expect(log).not.toContain('ETIMEDOUT')
  })
})
