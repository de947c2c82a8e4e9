import { fc } from '@fast-check/vitest'
import { toLatin1 } from '../../../src/codecs/bytes.js'
import type { BencodeValue } from '../../../src/codecs/bencode.js'

export const bytes = (maxLength = 64): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })

const key = bytes(6).map(toLatin1)

/** Any value that can be decoded, dictionaries in byte order. */
export const bencodeValue: fc.Arbitrary<BencodeValue> = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    bytes(20),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => new Map([...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1)))),
  ),
})).value

/** Bytes that get further into a decoder than noise does. */
export const bencodeLike: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytes(40),
  fc
    .array(
      fc.constantFrom(
        'd',
        'l',
        'e',
        'i',
        '0',
        '1',
        '-',
        ':',
        '1:a',
        '1:b',
        'i1e',
        'i-0e',
        '0:',
        '99999999999:',
        'de',
      ),
      { maxLength: 24 },
    )
    .map((parts) => new TextEncoder().encode(parts.join(''))),
)
