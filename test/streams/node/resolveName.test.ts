import type { LookupFunction } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { nodeResolve } from '../../../src/streams/node/resolveName.js'

const found =
  (...addresses: ReadonlyArray<string>): LookupFunction =>
  (_, __, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }

const unexpected: LookupFunction = () => {
  throw new Error('asked')
}

describe('nodeResolve', () => {
  it('asks the system', async () => {
    const answer = await firstValueFrom(nodeResolve()('localhost'))
    expect(E.isRight(answer) && answer.right.every((address) => ['127.0.0.1', '::1'].includes(address))).toBe(
      true,
    )
  })

  it.each(['192.0.2.1', '2001:db8::1', 'fe80::1%lo'])('asks nobody about %s', async (address) => {
    expect(await firstValueFrom(nodeResolve(unexpected)(address))).toEqual(E.right([address]))
  })

  it.each([
    ['all addresses', found('192.0.2.1', '2001:db8::1'), E.right(['192.0.2.1', '2001:db8::1'])],
    ['none', found(), E.left({ _tag: 'SocketError', code: 'ENOTFOUND' })],
    ['a failure that is thrown', unexpected, E.left({ _tag: 'SocketError', code: 'EUNKNOWN' })],
    [
      'a failure',
      ((_, __, callback) => {
        callback(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), [])
      }) satisfies LookupFunction,
      E.left({ _tag: 'SocketError', code: 'EAI_AGAIN' }),
    ],
  ])('hands on %s', async (_, lookup, expected) => {
    expect(await firstValueFrom(nodeResolve(lookup)('tracker.test'))).toEqual(expected)
  })

  it('says nothing once it is unsubscribed', () => {
    const seen: unknown[] = []
    let answer = (): void => undefined
    const slow: LookupFunction = (_, __, callback) => {
      answer = () => {
        callback(null, [{ address: '192.0.2.1', family: 4 }])
      }
    }
    nodeResolve(slow)('tracker.test')
      .subscribe({ next: (value) => seen.push(value), error: expect.unreachable })
      .unsubscribe()
    answer()
    expect(seen).toEqual([])
  })
})
