import { Subject, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { CryptoHandshake } from '../../../src/codecs/encryption/cryptoHandshake.js'
import type { PeerSocket, SocketError } from '../../../src/streams/deps.js'
import { createNegotiation } from '../../../src/streams/encryption/negotiatedSocket.js'
import { initiatorOf, responderOf } from '../../support/cryptoPair.js'
import { plainPipe } from '../../../src/codecs/encryption/pipeCipher.js'
import { rethrow } from '../../support/rethrow.js'

interface Inner {
  readonly socket: PeerSocket
  readonly says: (bytes: Uint8Array) => void
  readonly fails: (code: string) => void
  readonly drains: () => void
  readonly isRead: () => boolean
  readonly written: Uint8Array[]
  readonly calls: string[]
}

const innerSocket = (): Inner => {
  const chunk$ = new Subject<Either<SocketError, Uint8Array>>()
  const drain$ = new Subject<void>()
  const written: Uint8Array[] = []
  const calls: string[] = []
  return {
    socket: {
      remote: { host: '192.0.2.1', port: 1 },
      chunk$: chunk$.asObservable(),
      drain$: drain$.asObservable(),
      write: (buffers) => {
        for (const bytes of buffers) written.push(bytes.slice())
        return buffers.length < 2
      },
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
      end: () => calls.push('end'),
      destroy: () => calls.push('destroy'),
    },
    says: (bytes) => {
      chunk$.next(E.right(bytes))
    },
    fails: (code) => {
      chunk$.next(E.left({ _tag: 'SocketError', code }))
      chunk$.complete()
    },
    drains: () => {
      drain$.next()
    },
    isRead: () => chunk$.observed,
    written,
    calls,
  }
}

const plain = (): CryptoHandshake => ({
  opening: new Uint8Array(0),
  read: (rest) => ({ _tag: 'Shaken', reply: new Uint8Array(0), cipher: plainPipe, rest }),
})

const setUp = (retries = 0) => {
  let left = retries
  let destroyed = 0
  let isOpen = false
  const negotiation = createNegotiation({
    remote: { host: '192.0.2.1', port: 1 },
    retry: () => left-- > 0,
    onOpen: () => {
      isOpen = true
    },
    onDestroy: () => destroyed++,
  })
  const heard: Uint8Array[] = []
  const codes: string[] = []
  let isOver = false
  const subscription = negotiation.socket.chunk$.subscribe({
    next: (chunk) => {
      if (E.isLeft(chunk)) codes.push(chunk.left.code)
      else heard.push(chunk.right)
    },
    error: rethrow,
    complete: () => (isOver = true),
  })
  return {
    negotiation,
    heard,
    codes,
    subscription,
    isOpen: () => isOpen,
    isOver: () => isOver,
    retries: () => left,
    destroyed: () => destroyed,
  }
}

describe('a negotiated socket', () => {
  it('hands the very chunks of a plain connection on, and the buffers to it', () => {
    const { negotiation, heard, isOpen } = setUp()
    const inner = innerSocket()
    negotiation.attach({ inner: inner.socket, handshake: plain(), isPlain: true })
    const chunks = [Uint8Array.of(1), Uint8Array.of(2, 3)]
    chunks.forEach(inner.says)
    expect(heard.map((chunk, i) => chunk === chunks[i])).toEqual([true, true])
    expect(isOpen()).toBe(true)
    expect(negotiation.socket.isEncrypted?.()).toBe(false)
    expect(negotiation.socket.settled?.()).toBe(inner.socket)
    expect(negotiation.socket.write([Uint8Array.of(4)])).toBe(true)
    expect(negotiation.socket.write([Uint8Array.of(4), Uint8Array.of(5)])).toBe(false)
    expect(inner.written).toHaveLength(3)
  })

  it('takes what was written to another connection, once', () => {
    const { negotiation, heard } = setUp()
    const [first, second] = [innerSocket(), innerSocket()]
    negotiation.attach({ inner: first.socket, handshake: plain(), isPlain: true })
    negotiation.socket.write([Uint8Array.of(1, 2)])
    negotiation.detach()
    first.says(Uint8Array.of(9))
    expect(heard).toEqual([])
    negotiation.socket.write([Uint8Array.of(3)])
    negotiation.attach({ inner: second.socket, handshake: plain(), isPlain: true })
    second.says(Uint8Array.of(8))
    negotiation.socket.write([Uint8Array.of(4)])
    expect(first.written).toEqual([Uint8Array.of(1, 2)])
    expect(second.written).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4)])
    expect(heard).toEqual([Uint8Array.of(8)])
  })

  it('sends what was written before the keys were agreed on with the handshake, and the rest behind it', () => {
    const { negotiation, heard } = setUp()
    const inner = innerSocket()
    const far = responderOf()
    negotiation.attach({ inner: inner.socket, handshake: initiatorOf(), isPlain: false })
    negotiation.socket.write([Uint8Array.of(1, 2)])
    expect(negotiation.takeWritten()).toEqual(Uint8Array.of(1, 2))
    negotiation.socket.write([Uint8Array.of(3)])
    const greeted = far.read(inner.written[0]!)
    if (greeted._tag !== 'Shaking') throw new Error(greeted._tag)
    inner.says(greeted.reply)
    const agreed = far.read(inner.written[1]!)
    if (agreed._tag !== 'Shaken') throw new Error(agreed._tag)
    const word = Uint8Array.of(7)
    agreed.cipher.encrypt(word)
    inner.says(Uint8Array.of(...agreed.reply, ...word))
    expect(heard).toEqual([Uint8Array.of(7)])
    expect(negotiation.socket.isEncrypted?.()).toBe(true)
    const settled = negotiation.socket.settled?.()
    expect(settled?.isEncrypted?.()).toBe(true)
    // Never what is behind the cipher.
    expect(settled?.settled?.()).toBe(settled)
    negotiation.socket.write([Uint8Array.of(4)])
    const rest = inner.written.slice(2).map((bytes) => bytes.slice())
    for (const bytes of rest) agreed.cipher.decrypt(bytes)
    expect(rest).toEqual([Uint8Array.of(3), Uint8Array.of(4)])
  })

  it('fails as its last connection does', () => {
    const { negotiation, codes, isOver } = setUp(1)
    const [first, second] = [innerSocket(), innerSocket()]
    negotiation.attach({ inner: first.socket, handshake: plain(), isPlain: true })
    first.fails('ECONNRESET')
    expect([codes, isOver()]).toEqual([[], false])
    negotiation.attach({ inner: second.socket, handshake: plain(), isPlain: true })
    second.fails('ETIMEDOUT')
    expect([codes, isOver()]).toEqual([['ETIMEDOUT'], true])
  })

  it('tells who reads late of its failure', () => {
    const { negotiation, subscription } = setUp()
    const inner = innerSocket()
    negotiation.attach({ inner: inner.socket, handshake: responderOf(), isPlain: false })
    inner.says(new Uint8Array(96))
    expect(inner.calls).toContain('destroy')
    subscription.unsubscribe()
    const late: unknown[] = []
    negotiation.socket.chunk$.subscribe({ next: (chunk) => late.push(chunk), error: rethrow })
    expect(late).toEqual([E.left({ _tag: 'SocketError', code: 'EPROTO' })])
  })

  it('pauses, drains and ends as what it stands on', () => {
    const { negotiation } = setUp()
    const { socket } = negotiation
    let drained = 0
    socket.drain$.subscribe({ next: () => drained++, error: rethrow })
    socket.pause()
    const [first, second] = [innerSocket(), innerSocket()]
    negotiation.attach({ inner: first.socket, handshake: plain(), isPlain: true })
    first.drains()
    negotiation.detach()
    negotiation.attach({ inner: second.socket, handshake: plain(), isPlain: true })
    first.drains()
    second.drains()
    socket.resume()
    socket.end()
    expect([first.calls, second.calls, drained]).toEqual([['pause'], ['pause', 'resume', 'end'], 2])
  })

  it('has nothing to send to the end while its handshake goes on', () => {
    const { negotiation } = setUp()
    const inner = innerSocket()
    negotiation.attach({ inner: inner.socket, handshake: initiatorOf(), isPlain: false })
    negotiation.socket.end()
    expect(inner.calls).toEqual(['destroy'])
  })

  it('is its connection and nothing else once that is open', () => {
    const { negotiation, codes, isOver, retries, destroyed } = setUp(1)
    const inner = innerSocket()
    negotiation.attach({ inner: inner.socket, handshake: plain(), isPlain: true })
    inner.says(Uint8Array.of(1))
    negotiation.socket.destroy()
    inner.fails('ECONNRESET')
    expect([codes, isOver()]).toEqual([['ECONNRESET'], true])
    expect([inner.calls, retries(), destroyed()]).toEqual([['destroy'], 1, 0])
  })

  it('has one reader, who may leave with the first that it hears', () => {
    const { negotiation, subscription } = setUp()
    const inner = innerSocket()
    negotiation.attach({ inner: inner.socket, handshake: plain(), isPlain: true })
    inner.says(Uint8Array.of(1))
    expect(inner.isRead()).toBe(true)
    subscription.unsubscribe()
    expect(inner.isRead()).toBe(false)
    const other = innerSocket()
    const late = createNegotiation({
      remote: other.socket.remote,
      retry: () => false,
      onOpen: () => undefined,
      onDestroy: () => undefined,
    })
    const heard: unknown[] = []
    late.socket.chunk$.pipe(take(1)).subscribe({ next: (chunk) => heard.push(chunk), error: rethrow })
    late.attach({ inner: other.socket, handshake: plain(), isPlain: true })
    other.says(Uint8Array.of(2))
    expect([heard, other.isRead()]).toEqual([[E.right(Uint8Array.of(2))], false])
  })
})
