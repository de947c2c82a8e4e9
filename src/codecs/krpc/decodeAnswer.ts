import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { filterMap } from '#fp/ReadonlyArray'
import type { BencodeDict, BencodeValue } from '../bencode/value.js'
import { isBencodeDict, isBencodeList } from '../bencode/value.js'
import { bytesField, integerField } from '../bencodeFields.js'
import { decodeCompactNodes, NODE_ID_BYTES } from '../compactNodes.js'
import type { AddressLength } from '../compactPeers.js'
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES } from '../ed25519.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { MAX_KRPC_NODES, MAX_KRPC_VALUES, MAX_SAMPLE_INTERVAL_SECONDS, MAX_TOKEN_BYTES } from '../limits.js'
import { SCRAPE_BLOOM_BYTES } from '../scrapeBloom.js'
import { decodeAddress, fixedField, rawField } from './fields.js'
import type { KrpcAnswer } from './message.js'

/** Reads `r`: only the id must be there and right, and a part that is not right counts as absent. */
export const decodeAnswer = (
  value: BencodeValue | undefined,
  bytes: Uint8Array,
): Either<DecodeError, KrpcAnswer> => {
  if (!isBencodeDict(value)) return E.left(invalidField('r', 'a dictionary'))
  const id = fixedField(value, 'id', NODE_ID_BYTES)
  if (id === undefined) return E.left(invalidField('r.id', `${String(NODE_ID_BYTES)} bytes`))
  const token = bytesField(value, 'token')
  return E.right({
    id,
    nodes: nodesField(value, 'nodes', 4),
    nodes6: nodesField(value, 'nodes6', 16),
    values: valuesField(value),
    token: token !== undefined && token.length <= MAX_TOKEN_BYTES ? token : undefined,
    BFsd: fixedField(value, 'BFsd', SCRAPE_BLOOM_BYTES),
    BFpe: fixedField(value, 'BFpe', SCRAPE_BLOOM_BYTES),
    v: rawField(value, 'v', bytes, 'r'),
    k: fixedField(value, 'k', ED25519_KEY_BYTES),
    sig: fixedField(value, 'sig', ED25519_SIGNATURE_BYTES),
    seq: integerField(value, 'seq', 0),
    interval: integerField(value, 'interval', 0, MAX_SAMPLE_INTERVAL_SECONDS),
    num: integerField(value, 'num', 0),
    samples: samplesField(value),
  })
}

const nodesField = (dict: BencodeDict, key: string, addressLength: AddressLength): KrpcAnswer['nodes'] => {
  const field = bytesField(dict, key)
  if (field === undefined) return undefined
  const nodes = decodeCompactNodes(field, addressLength, MAX_KRPC_NODES, `r.${key}`)
  return E.isRight(nodes) ? nodes.right : undefined
}

const valuesField = (dict: BencodeDict): KrpcAnswer['values'] => {
  const field = dict.get('values')
  return isBencodeList(field) ? filterMap(decodeAddress)(field.slice(0, MAX_KRPC_VALUES)) : undefined
}

const samplesField = (dict: BencodeDict): KrpcAnswer['samples'] => {
  const field = bytesField(dict, 'samples')
  if (field === undefined || field.length % NODE_ID_BYTES !== 0) return undefined
  return Array.from({ length: field.length / NODE_ID_BYTES }, (_, i) =>
    field.subarray(i * NODE_ID_BYTES, (i + 1) * NODE_ID_BYTES),
  )
}
