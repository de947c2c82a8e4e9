import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeBencode, encodeBencode } from '../../src/codecs/bencode.js'
import { fromHex } from '../../src/codecs/bytes.js'
import { readExpected, readTorrent, readVectors } from './support/corpus.js'

const Group = t.type({
  cases: t.array(t.type({ name: t.string, input_hex: t.union([t.string, t.null]), strict: t.string })),
})

const { cases } = readVectors('bep3_bencode', Group)
const given = cases.flatMap(({ input_hex: hex, ...rest }) => (hex === null ? [] : [{ ...rest, hex }]))

/** Larger than 2^53 − 1: the vectors leave the choice between a bigint and a typed error, and we have the error. */
const BEYOND_EXACT = ['int64_max', 'int_2^53', 'int_2^53+1']

describe('bep3_bencode', () => {
  it('has the cases it had when this was written', () => {
    expect(cases).toHaveLength(66)
    expect(given).toHaveLength(65)
    console.info(`bencode conformance: ${String(given.length)} vectors`)
  })

  it.each(given.map((vector) => [vector.name, vector.hex.slice(0, 40), vector] as const))(
    '%s %s',
    (name, _, vector) => {
      const decoded = decodeBencode(fromHex(vector.hex) ?? new Uint8Array(0))
      if (BEYOND_EXACT.includes(name)) {
        expect(decoded).toEqual(E.left(expect.objectContaining({ reason: 'integer-out-of-range' })))
      } else if (vector.strict.startsWith('error')) {
        expect(decoded._tag).toBe('Left')
      } else {
        expect(E.map(({ isCanonical }: { isCanonical: boolean }) => isCanonical)(decoded)).toEqual(
          E.right(vector.strict !== 'ok-with-flag' && name !== 'resort_on_encode'),
        )
      }
    },
  )

  it('item_limit', () => {
    const items = new TextEncoder().encode(`l${'0:'.repeat(10_000)}e`)
    expect(decodeBencode(items)._tag).toBe('Right')
    expect(decodeBencode(items, { maxTokens: 1_000 })._tag).toBe('Left')
  })

  it('too_many_endings, as a prefix', () => {
    expect(decodeBencode(new TextEncoder().encode('leee'), { allowTrailing: true })).toEqual(
      E.right({ value: [], end: 2, isCanonical: true }),
    )
  })
})

it('every canonical torrent encodes to itself', () => {
  let count = 0
  for (const row of readExpected()) {
    const bytes = new Uint8Array(readTorrent(row['file'] ?? ''))
    const decoded = decodeBencode(bytes)
    if (E.isRight(decoded) && decoded.right.isCanonical) {
      expect(encodeBencode(decoded.right.value)).toEqual(E.right(bytes))
      count++
    }
  }
  expect(count).toBeGreaterThan(100)
})

it('every prefix of torrents is refused', () => {
  let count = 0
  for (const row of readExpected()) {
    const bytes = readTorrent(row['file'] ?? '')
    if (bytes.length > 2_000 || decodeBencode(bytes)._tag === 'Left') continue
    for (let end = 0; end < bytes.length; end++, count++) {
      if (decodeBencode(bytes.subarray(0, end))._tag !== 'Left')
        expect.fail(`${row['file'] ?? ''} cut at ${String(end)}`)
    }
  }
  expect(count).toBeGreaterThan(10_000)
})
