import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { BencodeDict } from '../bencode/value.js'
import { isBencodeDict } from '../bencode/value.js'
import { bytesField, integerField } from '../bencodeFields.js'
import { toLatin1 } from '../bytes.js'
import { NODE_ID_BYTES } from '../compactNodes.js'
import type { DhtItem } from '../dhtItem.js'
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES } from '../ed25519.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { MAX_TOKEN_BYTES } from '../limits.js'
import { KrpcErrorCode } from './errorCode.js'
import { fixedField, flagField, rawField, wantField } from './fields.js'
import type { KrpcQuery, KrpcQueryBody } from './message.js'

export interface QueryProblem {
  readonly code: number
  readonly error: DecodeError
}

type Body = Either<QueryProblem, KrpcQueryBody>

/** Reads what a query says besides its envelope. */
export const decodeQuery = (
  dict: BencodeDict,
  bytes: Uint8Array,
): Either<QueryProblem, Pick<KrpcQuery, 'id' | 'isReadOnly' | 'body'>> => {
  const method = bytesField(dict, 'q')
  if (method === undefined) return missing('q', 'a byte string')
  const args = dict.get('a')
  if (!isBencodeDict(args)) return missing('a', 'a dictionary')
  const body = decodeBody(toLatin1(method), args, bytes)
  if (E.isLeft(body)) return body
  const id = fixedField(args, 'id', NODE_ID_BYTES)
  if (id === undefined) return missing('a.id', ID)
  return E.right({ id, isReadOnly: flagField(dict, 'ro'), body: body.right })
}

const decodeBody = (method: string, args: BencodeDict, bytes: Uint8Array): Body => {
  switch (method) {
    case 'ping':
      return E.right({ _tag: 'Ping' })
    case 'find_node':
      return withTarget(args, 'target', (target) => ({ _tag: 'FindNode', target, want: wantField(args) }))
    case 'get_peers':
      return withTarget(args, 'info_hash', (infohash) => ({
        _tag: 'GetPeers',
        infohash,
        want: wantField(args),
        noSeed: flagField(args, 'noseed'),
        scrape: flagField(args, 'scrape'),
      }))
    case 'announce_peer':
      return decodeAnnounce(args)
    case 'get':
      return withTarget(args, 'target', (target) => ({
        _tag: 'Get',
        target,
        seq: integerField(args, 'seq', 0),
        want: wantField(args),
      }))
    case 'put':
      return decodePut(args, bytes)
    case 'sample_infohashes':
      return withTarget(args, 'target', (target) => ({
        _tag: 'SampleInfohashes',
        target,
        want: wantField(args),
      }))
    default:
      return decodeUnknown(args)
  }
}

const decodeUnknown = (args: BencodeDict): Body => {
  const key = args.has('target') ? 'target' : 'info_hash'
  return args.has(key)
    ? withTarget(args, key, (target) => ({ _tag: 'FindNode', target, want: wantField(args) }))
    : E.left({ code: KrpcErrorCode.methodUnknown, error: invalidField('q', 'a known method') })
}

const decodeAnnounce = (args: BencodeDict): Body => {
  const impliedPort = flagField(args, 'implied_port')
  const port = integerField(args, 'port', 1, 0xffff) ?? (impliedPort ? 0 : undefined)
  if (port === undefined) return missing('a.port', 'an integer from 1 to 65535')
  const token = tokenField(args)
  if (token === undefined) return missing('a.token', TOKEN)
  return withTarget(args, 'info_hash', (infohash) => ({
    _tag: 'AnnouncePeer',
    infohash,
    port,
    impliedPort,
    token,
    seed: flagField(args, 'seed'),
  }))
}

const decodePut = (args: BencodeDict, bytes: Uint8Array): Body => {
  const token = tokenField(args)
  if (token === undefined) return missing('a.token', TOKEN)
  const v = rawField(args, 'v', bytes, 'a')
  if (v === undefined) return missing('a.v', 'a value')
  if (!args.has('k')) return E.right({ _tag: 'Put', token, item: { _tag: 'ImmutableItem', v } })
  const k = fixedField(args, 'k', ED25519_KEY_BYTES)
  if (k === undefined) return missing('a.k', `${String(ED25519_KEY_BYTES)} bytes`)
  const sig = fixedField(args, 'sig', ED25519_SIGNATURE_BYTES)
  if (sig === undefined) return missing('a.sig', `${String(ED25519_SIGNATURE_BYTES)} bytes`)
  const seq = integerField(args, 'seq', 0)
  if (seq === undefined) return missing('a.seq', 'an integer that is not negative')
  const item: DhtItem = { _tag: 'MutableItem', v, k, salt: bytesField(args, 'salt') ?? NO_SALT, seq, sig }
  return E.right({ _tag: 'Put', token, item, cas: integerField(args, 'cas', 0) })
}

const tokenField = (args: BencodeDict): Uint8Array | undefined => {
  const token = bytesField(args, 'token')
  return token !== undefined && token.length <= MAX_TOKEN_BYTES ? token : undefined
}

const withTarget = (
  args: BencodeDict,
  key: 'target' | 'info_hash',
  body: (target: Uint8Array) => KrpcQueryBody,
): Body => {
  const target = fixedField(args, key, NODE_ID_BYTES)
  return target === undefined ? missing(`a.${key}`, ID) : E.right(body(target))
}

const missing = (path: string, expected: string): Either<QueryProblem, never> =>
  E.left({ code: KrpcErrorCode.protocol, error: invalidField(path, expected) })

const ID = `${String(NODE_ID_BYTES)} bytes`
const TOKEN = `at most ${String(MAX_TOKEN_BYTES)} bytes`
const NO_SALT = new Uint8Array(0)
