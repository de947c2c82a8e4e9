import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { decodeBencode } from './bencode/decodeBencode.js'
import { encodeBencode } from './bencode/encodeBencode.js'
import type { BencodeInput, BencodeValue } from './bencode/value.js'
import { isBencodeDict, isBencodeList } from './bencode/value.js'
import { bytesField, integerField } from './bencodeFields.js'
import { decodeCompactNodes, type DhtNode, encodeCompactNodes, NODE_ID_BYTES } from './compactNodes.js'
import type { DecodeError } from './errors.js'
import { invalidField } from './errors.js'
import { MAX_DHT_HOMES, MAX_DHT_TABLE_BYTES, MAX_SAVED_NODES } from './limits.js'

/** What a DHT node keeps from run to run: who it was, and whom it knew. */
export interface DhtTable {
  readonly homes: ReadonlyArray<DhtHomeTable>
}

/** The same for one of its addresses. */
export interface DhtHomeTable {
  readonly family: 4 | 6
  readonly nodeId: Uint8Array
  /** Nodes that answered, the best first. */
  readonly nodes: ReadonlyArray<DhtNode>
}

const VERSION = 1

/**
 * Reads a saved routing table. Never throws; byte strings are views of `bytes`. A later version is a `Left`: it is
 * written anew then.
 */
export const decodeDhtTable = (bytes: Uint8Array): Either<DecodeError, DhtTable> =>
  pipe(
    decodeBencode(bytes, { maxBytes: MAX_DHT_TABLE_BYTES, maxTokens: 16 * MAX_DHT_HOMES }),
    E.chain(({ value }) => {
      if (!isBencodeDict(value) || integerField(value, 'version', VERSION, VERSION) === undefined) {
        return E.left(invalidField('version', String(VERSION)))
      }
      const homes = value.get('homes')
      return isBencodeList(homes) && homes.length <= MAX_DHT_HOMES
        ? E.right(homes)
        : E.left(invalidField('homes', `a list of at most ${String(MAX_DHT_HOMES)}`))
    }),
    E.chain(E.traverseArray(decodeHome)),
    E.map((homes) => ({ homes })),
  )

const decodeHome = (value: BencodeValue): Either<DecodeError, DhtHomeTable> => {
  const nodeId = isBencodeDict(value) ? bytesField(value, 'id') : undefined
  if (!isBencodeDict(value) || nodeId?.length !== NODE_ID_BYTES) {
    return E.left(invalidField('homes.id', `${String(NODE_ID_BYTES)} bytes`))
  }
  const family = bytesField(value, 'nodes6') === undefined ? 4 : 6
  const field = family === 4 ? 'nodes' : 'nodes6'
  return pipe(
    decodeCompactNodes(
      bytesField(value, field) ?? new Uint8Array(),
      family === 4 ? 4 : 16,
      MAX_SAVED_NODES,
      `homes.${field}`,
    ),
    E.map((nodes) => ({ family, nodeId, nodes })),
  )
}

/** A routing table in bytes, the first nodes of each address. */
export const encodeDhtTable = ({ homes }: DhtTable): Uint8Array => {
  const value = new Map<string, BencodeInput>([
    ['homes', homes.slice(0, MAX_DHT_HOMES).map(encodeHome)],
    ['version', VERSION],
  ])
  return E.getOrElse((): Uint8Array => new Uint8Array())(encodeBencode(value))
}

const encodeHome = ({ family, nodeId, nodes }: DhtHomeTable): BencodeInput =>
  new Map<string, BencodeInput>([
    ['id', nodeId],
    [
      family === 4 ? 'nodes' : 'nodes6',
      encodeCompactNodes(nodes.slice(0, MAX_SAVED_NODES), family === 4 ? 4 : 16),
    ],
  ])
