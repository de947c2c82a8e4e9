import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { decodeBencode } from '../bencode/decodeBencode.js'
import { encodeBencode } from '../bencode/encodeBencode.js'
import type { BencodeDict, BencodeInput } from '../bencode/value.js'
import { isBencodeDict } from '../bencode/value.js'
import { bytesField, integerField, textField } from '../bencodeFields.js'
import { fromLatin1, fromUtf8, toLatin1, toUtf8 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { formatIp, parseIp } from '../ipAddress.js'
import { MAX_EXTENDED_HANDSHAKE_BYTES, MAX_EXTENSIONS, MAX_REQUEST_QUEUE } from '../limits.js'

/** The `Extended` message id of the handshake itself (BEP 10). */
export const EXTENDED_HANDSHAKE_ID = 0

/** What a peer says of itself in BEP 10's handshake. `undefined` is not said, or said wrongly. */
export interface ExtendedHandshake {
  /**
   * `m`: by name of an extension, the message id under which the sender wants to receive it; 0 switches it off. A later
   * handshake changes what it names and nothing else.
   */
  readonly extensions: ReadonlyMap<string, number>
  /** `v`: client and version, for people. */
  readonly client: string | undefined
  /** `p`: the port that the sender listens on. */
  readonly port: number | undefined
  /** `yourip`: the receiver's address as the sender sees it. */
  readonly yourIp: string | undefined
  /** `reqq`: requests that the sender lets wait, within 1 to 2 000. */
  readonly requestQueue: number | undefined
  /** `metadata_size` (BEP 9), as claimed. */
  readonly metadataSize: number | undefined
  /** `upload_only` (BEP 21). */
  readonly uploadOnly: boolean | undefined
}

/** Reads the payload of an `Extended` message with id 0: a dictionary of at most 16 KiB. */
export const decodeExtendedHandshake = (payload: Uint8Array): Either<DecodeError, ExtendedHandshake> =>
  pipe(
    decodeBencode(payload, { maxBytes: MAX_EXTENDED_HANDSHAKE_BYTES, allowTrailing: true }),
    E.chain(({ value }) =>
      isBencodeDict(value) ? E.right(fromDict(value)) : E.left(invalidField('', 'a dictionary', 0)),
    ),
  )

const fromDict = (dict: BencodeDict): ExtendedHandshake => {
  const extensions = dict.get('m')
  const yourIp = bytesField(dict, 'yourip')
  const requestQueue = integerField(dict, 'reqq', Number.MIN_SAFE_INTEGER)
  const uploadOnly = integerField(dict, 'upload_only', 0)
  return {
    extensions: isBencodeDict(extensions) ? decodeExtensions(extensions) : new Map(),
    client: textField(dict, 'v', 64),
    port: integerField(dict, 'p', 1, 0xffff),
    yourIp: yourIp && O.toUndefined(formatIp(yourIp)),
    requestQueue: requestQueue === undefined ? undefined : clampQueue(requestQueue),
    metadataSize: integerField(dict, 'metadata_size', 1),
    uploadOnly: uploadOnly === undefined ? undefined : uploadOnly > 0,
  }
}

const clampQueue = (length: number): number => Math.min(Math.max(length, 1), MAX_REQUEST_QUEUE)

const decodeExtensions = (dict: BencodeDict): ReadonlyMap<string, number> => {
  const extensions = new Map<string, number>()
  for (const key of dict.keys()) {
    const id = integerField(dict, key, 0, 0xff)
    if (id !== undefined) extensions.set(fromUtf8(fromLatin1(key)), id)
    if (extensions.size === MAX_EXTENSIONS) break
  }
  return extensions
}

/**
 * The payload of our own handshake. What is absent is not said.
 *
 * @throws TypeError where a number is not an integer: that is a mistake of ours.
 */
export const encodeExtendedHandshake = (handshake: Partial<ExtendedHandshake>): Uint8Array => {
  const {
    extensions = NO_EXTENSIONS,
    client,
    port,
    yourIp,
    requestQueue,
    metadataSize,
    uploadOnly,
  } = handshake
  const dict = new Map<string, BencodeInput>()
  dict.set('m', new Map(Array.from(extensions, ([name, id]) => [toLatin1(toUtf8(name)), id])))
  if (metadataSize !== undefined) dict.set('metadata_size', metadataSize)
  if (port !== undefined) dict.set('p', port)
  if (requestQueue !== undefined) dict.set('reqq', requestQueue)
  if (uploadOnly !== undefined) dict.set('upload_only', uploadOnly ? 1 : 0)
  if (client !== undefined) dict.set('v', client)
  const ip = O.chain(parseIp)(O.fromNullable(yourIp))
  if (O.isSome(ip)) dict.set('yourip', ip.value)
  const encoded = encodeBencode(dict)
  if (E.isLeft(encoded)) throw new TypeError(`extended handshake: ${encoded.left.reason}`)
  return encoded.right
}

const NO_EXTENSIONS: ReadonlyMap<string, number> = new Map()
