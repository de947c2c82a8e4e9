import * as E from '#fp/Either'
import { encodeBencode } from '../bencode/encodeBencode.js'
import type { BencodeInput } from '../bencode/value.js'
import { rawBencode } from '../bencode/value.js'
import { concatBytes } from '../bytes.js'
import { encodeCompactNodes } from '../compactNodes.js'
import { encodeCompactPeers } from '../compactPeers.js'
import type { PeerAddress } from '../peerAddress.js'
import type { KrpcAnswer, KrpcMessage, KrpcQuery, KrpcQueryBody } from './message.js'

/**
 * The packet of a message, in its canonical form. What is absent or false is not said; addresses of the wrong family
 * are left out.
 *
 * @throws TypeError where a number is not an integer: that is a mistake of ours.
 *
 * @example
 * ```ts
 * encodeKrpc({ _tag: 'KrpcQuery', transaction, id, body: { _tag: 'GetPeers', infohash, want: ['n4', 'n6'] } })
 * ```
 */
export const encodeKrpc = (message: KrpcMessage): Uint8Array => {
  const encoded = encodeBencode(dictOf({ ...bodyOf(message), t: message.transaction, v: message.version }))
  if (E.isLeft(encoded)) throw new TypeError(`KRPC message: ${encoded.left.reason}`)
  return encoded.right
}

type Fields = Readonly<Record<string, BencodeInput | undefined>>

const bodyOf = (message: KrpcMessage): Fields => {
  switch (message._tag) {
    case 'KrpcQuery':
      return { y: 'q', ...queryOf(message) }
    case 'KrpcResponse':
      return { y: 'r', ip: message.ip && addressOf(message.ip), r: answerOf(message.answer) }
    case 'KrpcError':
      return { y: 'e', ip: message.ip && addressOf(message.ip), e: [message.code, message.message] }
  }
}

const queryOf = ({ id, isReadOnly, body }: KrpcQuery): Fields => ({
  q: METHODS[body._tag],
  a: dictOf({ id, ...argumentsOf(body) }),
  ro: flagOf(isReadOnly),
})

const METHODS: { readonly [T in KrpcQueryBody['_tag']]: string } = {
  Ping: 'ping',
  FindNode: 'find_node',
  GetPeers: 'get_peers',
  AnnouncePeer: 'announce_peer',
  Get: 'get',
  Put: 'put',
  SampleInfohashes: 'sample_infohashes',
}

const argumentsOf = (body: KrpcQueryBody): Fields => {
  switch (body._tag) {
    case 'Ping':
      return {}
    case 'FindNode':
    case 'SampleInfohashes':
      return { target: body.target, want: body.want }
    case 'GetPeers':
      return {
        info_hash: body.infohash,
        want: body.want,
        noseed: flagOf(body.noSeed),
        scrape: flagOf(body.scrape),
      }
    case 'AnnouncePeer':
      return {
        info_hash: body.infohash,
        port: body.port,
        implied_port: flagOf(body.impliedPort),
        token: body.token,
        seed: flagOf(body.seed),
      }
    case 'Get':
      return { target: body.target, seq: body.seq, want: body.want }
    case 'Put':
      return { token: body.token, cas: body.cas, ...itemOf(body) }
  }
}

const itemOf = ({ item }: Extract<KrpcQueryBody, { readonly _tag: 'Put' }>): Fields => {
  const v = rawBencode(item.v)
  if (item._tag === 'ImmutableItem') return { v }
  return { v, k: item.k, salt: item.salt.length === 0 ? undefined : item.salt, seq: item.seq, sig: item.sig }
}

const answerOf = (answer: KrpcAnswer): BencodeInput => {
  const { nodes, nodes6, values, v, samples, ...rest } = answer
  return dictOf({
    ...rest,
    nodes: nodes && encodeCompactNodes(nodes, 4),
    nodes6: nodes6 && encodeCompactNodes(nodes6, 16),
    values: values?.map(addressOf),
    v: v && rawBencode(v),
    samples: samples && concatBytes(samples),
  })
}

/** Either family: the other one's form is empty. */
const addressOf = (address: PeerAddress): Uint8Array => {
  const ipv4 = encodeCompactPeers([address], 4)
  return ipv4.length > 0 ? ipv4 : encodeCompactPeers([address], 16)
}

const flagOf = (flag: boolean | undefined): 1 | undefined => (flag === true ? 1 : undefined)

const dictOf = (fields: Fields): BencodeInput => {
  const dict = new Map<string, BencodeInput>()
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) dict.set(key, value)
  return dict
}
