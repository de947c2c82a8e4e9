import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1 } from '../../../src/codecs/bytes.js'
import { decodeKrpc } from '../../../src/codecs/krpc.js'
import { bencode } from '../../support/bencode.js'

const id = new Uint8Array(20).fill(1)
const target = new Uint8Array(20).fill(2)
type Fields = Readonly<Record<string, Parameters<typeof bencode>[0]>>

const read = (fields: Fields) => decodeKrpc(new Uint8Array(bencode(fields)))
const query = (q: string, a: Fields, more: Fields = {}) => read({ t: 'aa', y: 'q', q, a, ...more })
const response = (r: Fields, more: Fields = {}) => read({ t: 'aa', y: 'r', r, ...more })

const aa = fromLatin1('aa')
const refused = (code: number, path: string) =>
  E.left({ error: { path }, reply: { _tag: 'KrpcError', code, transaction: aa } })

describe('a query', () => {
  it.each([
    ['find_node', { id }, 'a.target'],
    ['find_node', { id, target: 'short' }, 'a.target'],
    ['find_node', { target }, 'a.id'],
    ['ping', { id: 'short' }, 'a.id'],
    ['ping', { id: 1 }, 'a.id'],
    ['get_peers', { id, target }, 'a.info_hash'],
    ['announce_peer', { id, info_hash: target, port: 1 }, 'a.token'],
    ['announce_peer', { id, info_hash: target, token: 't' }, 'a.port'],
    ['announce_peer', { id, info_hash: target, port: 65_536, token: 't' }, 'a.port'],
    ['announce_peer', { id, info_hash: target, port: 0, token: 't' }, 'a.port'],
    ['announce_peer', { id, info_hash: target, port: 1, token: 't'.repeat(65) }, 'a.token'],
    ['get', { id }, 'a.target'],
    ['put', { id, token: 't' }, 'a.v'],
    ['put', { id, v: 'v' }, 'a.token'],
    ['put', { id, token: 't', v: 'v', k: 'short' }, 'a.k'],
    ['put', { id, token: 't', v: 'v', k: new Uint8Array(32), seq: 1 }, 'a.sig'],
    ['put', { id, token: 't', v: 'v', k: new Uint8Array(32), sig: new Uint8Array(64), seq: -1 }, 'a.seq'],
    ['sample_infohashes', { id }, 'a.target'],
    ['vote', { id, target: 'short' }, 'a.target'],
  ] satisfies ReadonlyArray<readonly [string, Fields, string]>)(
    '%s with %o is answered by 203',
    (q, a, path) => {
      expect(query(q, a)).toMatchObject(refused(203, path))
    },
  )

  it('without arguments or method is answered by 203', () => {
    expect(read({ t: 'aa', y: 'q', q: 'ping' })).toMatchObject(refused(203, 'a'))
    expect(read({ t: 'aa', y: 'q', q: 'ping', a: 'id' })).toMatchObject(refused(203, 'a'))
    expect(read({ t: 'aa', y: 'q', a: { id } })).toMatchObject(refused(203, 'q'))
  })

  it('of an unknown method is answered by 204, or as find_node where it names what it looks for', () => {
    expect(query('vote', { id })).toMatchObject(refused(204, 'q'))
    const findNode = E.right({ body: { _tag: 'FindNode', target: target, want: undefined } })
    expect(query('vote', { id, target })).toMatchObject(findNode)
    expect(query('vote', { id, info_hash: target })).toMatchObject(findNode)
  })

  it('is read for what BEPs 32, 33 and 43 add to it', () => {
    const a = { id, info_hash: target, want: ['n6', 'n5', 'n4', 'n6'], scrape: 1, noseed: 1 }
    expect(query('get_peers', a, { ro: 1, v: 'LT01' })).toMatchObject(
      E.right({
        isReadOnly: true,
        version: fromLatin1('LT01'),
        body: {
          _tag: 'GetPeers',
          infohash: target,
          want: ['n4', 'n6'],
          noSeed: true,
          scrape: true,
        },
      }),
    )
    for (const want of ['n4', [], ['n5'], [1]]) {
      expect(query('find_node', { id, target, want })).toMatchObject(
        E.right({
          isReadOnly: false,
          body: { _tag: 'FindNode', target: target, want: undefined },
        }),
      )
    }
  })

  it('may leave the port to the packet', () => {
    const a = { id, info_hash: target, implied_port: 1, token: 't' }
    expect(query('announce_peer', a)).toMatchObject(
      E.right({ body: { port: 0, impliedPort: true, seed: false } }),
    )
    expect(query('announce_peer', { ...a, port: 7, seed: 1 })).toMatchObject(
      E.right({ body: { port: 7, impliedPort: true, seed: true } }),
    )
  })

  it('keeps the bytes of a value as they came', () => {
    const v = 'd1:bi1e1:ai2ee'
    const packet = `d1:ad2:id20:${'i'.repeat(20)}5:token1:t1:v${v}e1:q3:put1:t2:aa1:y1:qe`
    expect(decodeKrpc(fromLatin1(packet))).toMatchObject(
      E.right({ body: { _tag: 'Put', item: { _tag: 'ImmutableItem', v: fromLatin1(v) } } }),
    )
  })
})

describe('a response', () => {
  it('without an id is refused, and never answered', () => {
    const r: Fields = { token: 't' }
    expect(response(r)).toMatchObject(E.left({ error: { path: 'r.id' }, reply: undefined }))
    expect(read({ t: 'aa', y: 'r' })).toMatchObject(E.left({ error: { path: 'r' }, reply: undefined }))
  })

  it('counts parts that are not right as absent', () => {
    const wrong: Fields = {
      nodes: new Uint8Array(27),
      nodes6: 1,
      values: 'peers',
      token: 't'.repeat(65),
      BFsd: 'short',
      BFpe: 1,
      k: 'short',
      sig: 'short',
      seq: 'x',
      interval: 1e6,
      num: -1,
      samples: new Uint8Array(21),
    }
    expect(response({ id, ...wrong }, { ip: 'short' })).toEqual(
      E.right({ _tag: 'KrpcResponse', transaction: aa, answer: { id: id } }),
    )
  })

  it('passes over peers that are none', () => {
    const values = [
      Buffer.from([1, 2, 3, 4, 0, 5]),
      'short',
      7,
      Buffer.from([1, 2, 3, 4, 0, 0]),
      new Uint8Array(18),
    ]
    expect(response({ id, values })).toMatchObject(
      E.right({ answer: { values: [{ host: '1.2.3.4', port: 5 }] } }),
    )
  })

  it('is bounded', () => {
    const node = Buffer.concat([id, Buffer.from([1, 2, 3, 4, 0, 5])])
    const nodes = Buffer.concat(Array.from({ length: 100 }, () => node))
    const decoded = response({ id, nodes })
    expect(
      E.isRight(decoded) && decoded.right._tag === 'KrpcResponse' && decoded.right.answer.nodes,
    ).toHaveLength(32)
    const values = Array.from({ length: 300 }, () => Buffer.from([1, 2, 3, 4, 0, 5]))
    const more = response({ id, values })
    expect(E.isRight(more) && more.right._tag === 'KrpcResponse' && more.right.answer.values).toHaveLength(
      200,
    )
    expect(response({ id, v: 'a'.repeat(5_000) })).toMatchObject(E.left({ error: { limit: 'size' } }))
    expect(response({ id, v: Array.from({ length: 800 }, () => 1) })).toMatchObject(
      E.left({ error: { limit: 'tokens' } }),
    )
    expect(decodeKrpc(fromLatin1('l'.repeat(1_000)))).toMatchObject(E.left({ error: { limit: 'depth' } }))
  })
})

describe('an error', () => {
  it('says no, however badly it says why', () => {
    const error = (e: Parameters<typeof bencode>[0]) => read({ t: 'aa', y: 'e', e })
    expect(error([203, 'no'])).toMatchObject(E.right({ _tag: 'KrpcError', code: 203, message: 'no' }))
    expect(error('no')).toMatchObject(E.right({ code: 201, message: 'no' }))
    expect(error([])).toMatchObject(E.right({ code: 201, message: '' }))
    expect(error(['no', 203])).toMatchObject(E.right({ code: 201, message: '' }))
    expect(error([203, 'a\u001b[2J'])).toMatchObject(E.right({ message: 'a\\u{1b}[2J' }))
    expect(read({ t: 'aa', y: 'e' })).toMatchObject(E.right({ code: 201, message: '' }))
    const long = error([203, 'x'.repeat(1_000)])
    expect(E.isRight(long) && long.right._tag === 'KrpcError' && long.right.message).toHaveLength(256)
  })
})

describe('what is no message', () => {
  it.each<Fields>([
    { y: 'q', q: 'ping', a: { id } },
    { t: 1, y: 'q', q: 'ping', a: { id } },
    { t: 't'.repeat(33), y: 'q', q: 'ping', a: { id } },
    { t: 'aa', q: 'ping', a: { id } },
    { t: 'aa', y: 'x' },
    { t: 'aa', y: 1 },
  ])('is never answered: %o', (fields) => {
    expect(read(fields)).toMatchObject(E.left({ _tag: 'KrpcRefusal', reply: undefined }))
  })
})
