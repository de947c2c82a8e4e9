import { readFileSync } from 'node:fs'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { decodeBencode } from '../../src/codecs/bencode.js'
import { fromHex, fromLatin1, toHex } from '../../src/codecs/bytes.js'
import { crc32c } from '../../src/codecs/crc32c.js'
import {
  checkPut,
  mutableTarget,
  signatureInput,
  signItem,
  targetOf,
  type MutableItem,
} from '../../src/codecs/dhtItem.js'
import { verifyEd25519 } from '../../src/codecs/ed25519.js'
import { parseIp } from '../../src/codecs/ipAddress.js'
import { decodeKrpc, encodeKrpc } from '../../src/codecs/krpc.js'
import { itemOfAnswer } from '../../src/codecs/krpc/itemOfAnswer.js'
import {
  decodeTorrentValue,
  encodeTorrentValue,
  mutableMagnet,
  parseMutableMagnet,
} from '../../src/codecs/mutableTorrent.js'
import { isNodeIdOf, nodeIdFor } from '../../src/codecs/nodeId.js'
import { emptyScrapeBloom, estimateSize, insertIp, unionOf } from '../../src/codecs/scrapeBloom.js'
import { corpusPath, readVectors } from './support/corpus.js'

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)
const ip = (text: string): Uint8Array => O.getOrElse((): Uint8Array => new Uint8Array(0))(parseIp(text))

describe('bep5_krpc', () => {
  const { packets, values_decode, captured } = readVectors(
    'bep5_krpc',
    t.type({
      packets: t.record(t.string, t.string),
      values_decode: t.record(t.string, t.tuple([t.string, t.number])),
      captured: t.array(t.string),
    }),
  )

  it('has the packets it had when this was written', () => {
    expect(Object.keys(packets)).toHaveLength(10)
    expect(captured).toHaveLength(3)
  })

  it.each(Object.entries(packets))('%s is read', (name, text) => {
    const packet = fromLatin1(text)
    const decoded = decodeKrpc(packet)
    const kind =
      name === 'error' ? 'KrpcError' : /response|values|nodes/.test(name) ? 'KrpcResponse' : 'KrpcQuery'
    expect(decoded).toMatchObject(E.right({ _tag: kind, transaction: fromLatin1('aa') }))
    // The examples shorten their nodes to nine bytes, which counts as none.
    if (E.isRight(decoded) && !text.includes('def456...')) expect(encodeKrpc(decoded.right)).toEqual(packet)
    if (text.includes('def456...')) {
      expect(decoded).toMatchObject(E.right({ answer: { nodes: undefined } }))
    }
  })

  it('reads the peers of get_peers', () => {
    const values = Object.values(values_decode).map(([host, port]) => ({ host, port }))
    expect(decodeKrpc(fromLatin1(packets['get_peers_values'] ?? ''))).toMatchObject(
      E.right({ answer: { values, token: fromLatin1('aoeusnth') } }),
    )
  })

  it('reads the error, and one that is no list', () => {
    expect(decodeKrpc(fromLatin1(packets['error'] ?? ''))).toMatchObject(
      E.right({ code: 201, message: 'A Generic Error Ocurred' }),
    )
    expect(decodeKrpc(fromLatin1('d1:e13:Generic Error1:t2:aa1:y1:ee'))).toMatchObject(
      E.right({ _tag: 'KrpcError', code: 201, message: 'Generic Error' }),
    )
  })

  it('answers find_node without a target by 203', () => {
    const packet = `d1:ad2:id20:${'i'.repeat(20)}e1:q9:find_node1:t2:aa1:y1:qe`
    expect(decodeKrpc(fromLatin1(packet))).toMatchObject(E.left({ reply: { code: 203 } }))
  })

  it.each(captured)('reads %s and writes it back', (file) => {
    const packet = new Uint8Array(readFileSync(corpusPath(file)))
    const decoded = decodeKrpc(packet)
    expect(decoded).toMatchObject(
      E.right({ _tag: 'KrpcQuery', body: { _tag: file.includes('get_peers') ? 'GetPeers' : 'FindNode' } }),
    )
    expect(E.isRight(decoded) && encodeKrpc(decoded.right)).toEqual(packet)
  })
})

describe('hostile bencode in packets (R46, R59)', () => {
  const { cases } = readVectors(
    'bep3_bencode',
    t.type({ cases: t.array(t.type({ name: t.string, input_hex: t.union([t.string, t.null]) })) }),
  )
  const given = cases.flatMap(({ name, input_hex: input }) =>
    input === null ? [] : [{ name, input: hex(input) }],
  )
  const id = `2:id20:${'i'.repeat(20)}`
  const around: ReadonlyArray<readonly [string, string]> = [
    ['', ''],
    [`d1:ad${id}5:token1:t1:v`, 'e1:q3:put1:t2:aa1:y1:qe'],
    ['d1:a', '1:q4:ping1:t2:aa1:y1:qe'],
    ['d1:e', '1:t2:aa1:y1:ee'],
    [`d1:rd${id}5:nodes`, 'e1:t2:aa1:y1:re'],
    [`d1:rd${id}6:values`, 'e1:t2:aa1:y1:re'],
    [`d1:rd${id}1:v`, 'e1:t2:aa1:y1:re'],
    [`d2:ip`, `1:rd${id}e1:t2:aa1:y1:re`],
    [`d1:rd${id}e1:t`, '1:y1:re'],
  ]

  it('has the vectors it had when this was written', () => {
    expect(given).toHaveLength(65)
  })

  it.each(given)('$name', ({ input }) => {
    for (const [before, after] of around) {
      const packet = new Uint8Array(Buffer.concat([fromLatin1(before), input, fromLatin1(after)]))
      const started = performance.now()
      const decoded = decodeKrpc(packet)
      expect(performance.now() - started).toBeLessThan(250)
      if (E.isLeft(decodeBencode(packet))) {
        expect(decoded).toMatchObject(E.left({ _tag: 'KrpcRefusal', reply: undefined }))
      } else if (E.isRight(decoded)) {
        expect(E.isRight(decodeKrpc(encodeKrpc(decoded.right)))).toBe(true)
      }
    }
  })
})

describe('bep42_node_id', () => {
  const { cases } = readVectors(
    'bep42_node_id',
    t.type({ cases: t.array(t.type({ ip: t.string, rand: t.number, node_id: t.string, crc32c: t.string })) }),
  )

  it.each(cases)('$ip', (row) => {
    const masked = ip(row.ip).map((byte, i) => byte & [0x03, 0x0f, 0x3f, 0xff][i]!)
    masked[0]! |= (row.rand & 7) << 5
    expect(crc32c(masked).toString(16).padStart(8, '0')).toBe(row.crc32c)
    const id = hex(row.node_id)
    expect(id[19]).toBe(row.rand)
    expect(isNodeIdOf(id, row.ip)).toBe(true)
    expect(nodeIdFor(row.ip, id)).toEqual(O.some(id))
    for (const other of cases) if (other.ip !== row.ip) expect(isNodeIdOf(id, other.ip)).toBe(false)
  })

  it('exempts local networks', () => {
    const { exempt } = readVectors('bep42_node_id', t.type({ exempt: t.array(t.string) }))
    expect(exempt.length).toBeGreaterThan(4)
    for (const network of exempt)
      expect(isNodeIdOf(new Uint8Array(20), network.split('/')[0] ?? '')).toBe(true)
  })
})

describe('bep33_bloom', () => {
  const vector = readVectors(
    'bep33_bloom',
    t.type({ filter_hex: t.string, estimate: t.number, estimate_computed: t.number }),
  )

  it('holds the addresses of the BEP', () => {
    const [v4, v6] = [emptyScrapeBloom(), emptyScrapeBloom()]
    for (let i = 0; i < 256; i++) insertIp(v4, ip(`192.0.2.${String(i)}`))
    for (let i = 0; i < 0x3e8; i++) insertIp(v6, ip(`2001:db8::${i.toString(16)}`))
    const union = unionOf([v4, v6])
    expect(toHex(union)).toBe(vector.filter_hex)
    expect(estimateSize(union)).toBeCloseTo(vector.estimate_computed, 3)
    expect(Math.abs(estimateSize(union) - vector.estimate)).toBeLessThan(0.001)
  })
})

describe('bep44_dht_store', () => {
  const Case = t.intersection([
    t.type({ name: t.string, value: t.string, target: t.string }),
    t.partial({ salt: t.string, seq: t.number, signed: t.string, signature: t.string }),
  ])
  const { public_key, cases, negative } = readVectors(
    'bep44_dht_store',
    t.type({ public_key: t.string, cases: t.array(Case), negative: t.array(t.string) }),
  )
  const k = hex(public_key)
  const id = new Uint8Array(20)

  it('has the cases it had when this was written', () => {
    expect(cases).toHaveLength(3)
    expect(negative).toHaveLength(6)
  })

  it.each(cases)('$name', ({ value, salt = '', seq, signed, signature, target }) => {
    const v = fromLatin1(value)
    if (seq === undefined || signed === undefined || signature === undefined) {
      expect(toHex(targetOf({ _tag: 'ImmutableItem', v }))).toBe(target)
      return
    }
    const item: MutableItem = { _tag: 'MutableItem', v, k, salt: fromLatin1(salt), seq, sig: hex(signature) }
    expect(signatureInput(item)).toEqual(fromLatin1(signed))
    expect(toHex(targetOf(item))).toBe(target)
    expect(verifyEd25519(signatureInput(item), item.sig, k)).toBe(true)
    expect(checkPut(undefined, item)).toEqual(E.right(item))
    expect(checkPut(undefined, { ...item, seq: seq + 1 })).toMatchObject(E.left({ code: 206 }))
    expect(checkPut(item, { ...item, seq: seq - 1 })).toMatchObject(E.left({ code: 302 }))
    expect(checkPut(item, { ...item, seq: seq + 1 }, seq + 1)).toMatchObject(E.left({ code: 301 }))
    expect(itemOfAnswer({ id, v, k, seq, sig: item.sig }, hex(target), item.salt)).toEqual(O.some(item))
  })

  it('refuses what is too big', () => {
    const seed = new Uint8Array(32).fill(1)
    const v = fromLatin1(`1000:${'a'.repeat(1_000)}`)
    expect(checkPut(undefined, { _tag: 'ImmutableItem', v })).toMatchObject(E.left({ code: 205 }))
    const salted = signItem({ seed, seq: 1, v: fromLatin1('1:a'), salt: new Uint8Array(65) })
    expect(checkPut(undefined, salted)).toMatchObject(E.left({ code: 207 }))
  })
})

describe('bep46', () => {
  const { cases } = readVectors(
    'bep46',
    t.type({
      cases: t.array(
        t.intersection([
          t.type({ public_key: t.string, target: t.string }),
          t.partial({ salt_hex: t.string }),
        ]),
      ),
    }),
  )

  it.each(cases)('$target', ({ public_key, salt_hex: salt = '', target }) => {
    const torrent = { publicKey: hex(public_key), salt: hex(salt) }
    expect(toHex(mutableTarget(torrent.publicKey, torrent.salt))).toBe(target)
    const uri = `magnet:?xs=urn:btpk:${public_key}${salt === '' ? '' : `&s=${salt}`}`
    expect(mutableMagnet(torrent)).toBe(uri)
    expect(parseMutableMagnet(uri)).toEqual(O.some(torrent))
    expect(decodeTorrentValue(encodeTorrentValue(hex(target)))).toEqual(O.some(hex(target)))
  })
})
