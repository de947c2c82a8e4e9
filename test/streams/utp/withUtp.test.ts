import { map, Observable, of, type Subscription, timer } from 'rxjs'
import { beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { ListenEvent, Network, SocketError } from '../../../src/streams/deps.js'
import { type UtpUse, withUtp } from '../../../src/streams/utp/withUtp.js'
import { createVirtualClock, type VirtualClock } from '../../../src/streams/virtual/index.js'
import { idleSocket } from '../../support/idleSocket.js'

const PEER = { host: '192.0.2.1', port: 6881 } as const

let clock: VirtualClock
let log: string[]
beforeEach(() => {
  clock = createVirtualClock()
  log = []
})

const failure = (code: string): E.Either<SocketError, never> => E.left({ _tag: 'SocketError', code })

/** Connects, or fails with a code, after so long; then stays. */
const network = (name: string, ms: number, code?: string): Network => ({
  connect: () =>
    new Observable((subscriber) => {
      log.push(`${name} at ${String(clock.now())}`)
      subscriber.add(
        timer(ms, clock)
          .pipe(map(() => (code === undefined ? E.right(idleSocket(name)) : failure(code))))
          .subscribe({
            next: (answer) => {
              subscriber.next(answer)
              if (code !== undefined) subscriber.complete()
            },
            error: expect.unreachable,
          }),
      )
      subscriber.add(() => log.push(`${name} over`))
    }),
  listen: ({ port }) => {
    const event: E.Either<SocketError, ListenEvent> =
      code === undefined ? E.right({ _tag: 'Listening', port: port === 0 ? 5_000 : port }) : failure(code)
    const accepted: E.Either<SocketError, ListenEvent> = E.right({
      _tag: 'Accepted',
      socket: idleSocket(name),
    })
    return code === undefined ? of(event, accepted) : of(event)
  },
})

const dial = (
  tcp: Network,
  utp: Network,
  use: Exclude<UtpUse, 'off'> = 'fallback',
  host: string = PEER.host,
): Subscription =>
  withUtp({ tcp, utp, use, clock })
    .connect({ ...PEER, host })
    .subscribe({
      next: (answer) =>
        log.push(E.isLeft(answer) ? answer.left.code : `connected by ${answer.right.remote.host}`),
      error: expect.unreachable,
      complete: () => log.push('end'),
    })

describe('a dial', () => {
  it('leaves uTP alone where TCP connects', () => {
    const dialling = dial(network('tcp', 100), network('utp', 100))
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'connected by tcp'])
    dialling.unsubscribe()
    expect(log).toEqual(['tcp at 0', 'connected by tcp', 'tcp over'])
  })

  it('goes on by uTP at once where TCP is refused', () => {
    dial(network('tcp', 50, 'ECONNREFUSED'), network('utp', 100))
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'utp at 50', 'tcp over', 'connected by utp'])
  })

  it('takes whoever comes first where TCP is silent for three seconds', () => {
    dial(network('tcp', 15_000, 'ETIMEDOUT'), network('utp', 100))
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'utp at 3000', 'tcp over', 'connected by utp'])
  })

  it('may still end by TCP when both are under way', () => {
    dial(network('tcp', 4_000), network('utp', 7_000, 'ETIMEDOUT'))
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'utp at 3000', 'utp over', 'connected by tcp'])
  })

  it('fails with what became of TCP', () => {
    dial(network('tcp', 50, 'ECONNREFUSED'), network('utp', 7_000, 'ETIMEDOUT'))
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'utp at 50', 'tcp over', 'ECONNREFUSED', 'end', 'utp over'])
  })

  it('is over where the failure is our own', () => {
    dial(network('tcp', 50, 'EMFILE'), network('utp', 100))
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'EMFILE', 'end', 'tcp over'])
  })

  it('begins with uTP where that is preferred', () => {
    dial(network('tcp', 100), network('utp', 100), 'preferred')
    clock.advanceBy(60_000)
    expect(log).toEqual(['utp at 0', 'connected by utp'])
  })

  it('takes TCP where uTP, though preferred, is silent for two seconds', () => {
    dial(network('tcp', 100), network('utp', 7_000, 'ETIMEDOUT'), 'preferred')
    clock.advanceBy(60_000)
    expect(log).toEqual(['utp at 0', 'tcp at 2000', 'utp over', 'connected by tcp'])
  })

  it('that meets another one half-way begins with uTP', () => {
    withUtp({ tcp: network('tcp', 100), utp: network('utp', 100), use: 'fallback', clock })
      .connect(PEER, { isPunch: true })
      .subscribe({ error: expect.unreachable })
    clock.advanceBy(1_000)
    expect(log).toEqual(['utp at 0'])
  })

  it('of a name is by TCP', () => {
    dial(network('tcp', 50, 'ECONNREFUSED'), network('utp', 100), 'preferred', 'localhost')
    clock.advanceBy(60_000)
    expect(log).toEqual(['tcp at 0', 'ECONNREFUSED', 'end', 'tcp over'])
  })

  it('that nobody waits for any more ends both', () => {
    const dialling = dial(network('tcp', 15_000, 'ETIMEDOUT'), network('utp', 7_000, 'ETIMEDOUT'))
    clock.advanceBy(5_000)
    dialling.unsubscribe()
    expect(log).toEqual(['tcp at 0', 'utp at 3000', 'tcp over', 'utp over'])
    clock.advanceBy(60_000)
    expect(clock.pending()).toBe(0)
  })
})

describe('listening', () => {
  const listen = (tcp: Network, utp: Network): void => {
    withUtp({ tcp, utp, use: 'fallback', clock })
      .listen({ port: 0 })
      .subscribe({
        next: (event) => {
          if (E.isLeft(event)) log.push(event.left.code)
          else if (event.right._tag === 'Listening') log.push(`listening on ${String(event.right.port)}`)
          else if (event.right._tag === 'Accepted') log.push(`accepted by ${event.right.socket.remote.host}`)
          else log.push(`no uTP: ${event.right.code}`)
        },
        error: expect.unreachable,
      })
  }

  it('takes who comes by either, on one port', () => {
    listen(network('tcp', 0), network('utp', 0))
    expect(log).toEqual(['listening on 5000', 'accepted by utp', 'accepted by tcp'])
  })

  it('goes on by TCP alone where the UDP port is taken, and says so', () => {
    listen(network('tcp', 0), network('utp', 0, 'EADDRINUSE'))
    expect(log).toEqual(['listening on 5000', 'no uTP: EADDRINUSE', 'accepted by tcp'])
  })

  it('is none where TCP cannot', () => {
    listen(network('tcp', 0, 'EADDRINUSE'), network('utp', 0))
    expect(log).toEqual(['EADDRINUSE'])
  })
})
