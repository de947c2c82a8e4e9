import { createDiffieHellman, type DiffieHellman } from 'node:crypto'
import * as E from '#fp/Either'
import {
  GENERATOR,
  KEY_LENGTH,
  type KeyPair,
  type NewKeyPair,
  PRIME,
} from '../../codecs/encryption/keyPair.js'
import type { KeyExchange } from '../deps.js'
import { nodeRandom } from './random.js'

/** Bytes of a private key: MSE asks for 160 bits. */
const PRIVATE_LENGTH = 20

/** One for all connections: to make one takes 30 ms, for the prime is checked. */
let shared: DiffieHellman | undefined

const newKeyPair: NewKeyPair = () => {
  const privateKey = nodeRandom.bytes(PRIVATE_LENGTH)
  const keyed = (): DiffieHellman => {
    shared ??= createDiffieHellman(PRIME, GENERATOR)
    shared.setPrivateKey(privateKey)
    return shared
  }
  // OpenSSL refuses keys that give everything away, and where only approved ciphers may be used the whole exchange.
  const publicKey = E.tryCatch(() => atFullLength(keyed().generateKeys()), E.toError)
  if (E.isLeft(publicKey)) return noKeyPair()
  return {
    publicKey: publicKey.right,
    secretWith: (theirs) => {
      const secret = E.tryCatch(() => atFullLength(keyed().computeSecret(theirs)), E.toError)
      return E.isLeft(secret) ? undefined : secret.right
    },
  }
}

const noKeyPair = (): KeyPair => ({
  publicKey: nodeRandom.bytes(KEY_LENGTH),
  secretWith: () => undefined,
})

/** One in 256 begins with a zero, which OpenSSL leaves out. */
const atFullLength = (number: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(KEY_LENGTH)
  bytes.set(number, KEY_LENGTH - number.length)
  return bytes
}

/**
 * The system's Diffie-Hellman, for encrypted connections (MSE). Part of `nodeDeps`; for a world of your own:
 *
 * @example
 * ```ts
 * createSession(metainfo, { ...world, keyExchange: nodeKeyExchange }, { encryption: 'required' })
 * ```
 */
export const nodeKeyExchange: KeyExchange = { newKeyPair, random: nodeRandom }
