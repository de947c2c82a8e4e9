import * as E from '#fp/Either'
import {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
  type ExtendedHandshake,
} from '../../src/codecs/wire/extended.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import type { ExtensionName } from '../../src/operators/session/extension/extensionName.js'
import { EXTENSIONS } from '../../src/operators/session/extension/extensions.js'
import type { FakePeer, PeerOptions, SessionFixture } from './sessionFixture.js'

/** The id under which an `extendedPeer` takes an extension: not ours. */
const idOf = (name: ExtensionName): number =>
  100 + EXTENSIONS.findIndex((extension) => extension.name === name)

/** BEP 10's handshake as a peer says it. */
export const extendedHandshake = (said: Partial<ExtendedHandshake>): WireMessage => ({
  _tag: 'Extended',
  id: EXTENDED_HANDSHAKE_ID,
  payload: encodeExtendedHandshake(said),
})

/** A message of an extension as a peer sends it: under our id for it. */
export const extendedMessage = (name: ExtensionName, payload: Uint8Array): WireMessage => ({
  _tag: 'Extended',
  id: EXTENSIONS.find((extension) => extension.name === name)!.id,
  payload,
})

/** What a peer was told of an extension, in order. */
export const toldExtended = (peer: FakePeer, name: ExtensionName): ReadonlyArray<Uint8Array> =>
  peer
    .toldOf('Extended')
    .filter(({ id }) => id === idOf(name))
    .map(({ payload }) => payload)

/** The handshakes that a peer was told, in order. */
export const toldHandshakes = (peer: FakePeer): ReadonlyArray<ExtendedHandshake> =>
  peer
    .toldOf('Extended')
    .filter(({ id }) => id === EXTENDED_HANDSHAKE_ID)
    .map(({ payload }) => decodeExtendedHandshake(payload))
    .flatMap((said) => (E.isRight(said) ? [said.right] : []))

/** A peer that speaks the extensions named, and says so. */
export const extendedPeer = (
  fixture: SessionFixture,
  names: ReadonlyArray<ExtensionName>,
  { listens, ...options }: PeerOptions & { readonly listens?: number } = {},
): FakePeer => {
  const peer = fixture.peer({ ...options, extended: true })
  peer.says(
    extendedHandshake({ extensions: new Map(names.map((name) => [name, idOf(name)])), port: listens }),
  )
  return peer
}
