import type { CryptoMethod } from '../../codecs/encryption/method.js'
import type { KeyExchange } from '../deps.js'

/**
 * Whether connections to peers are encrypted (MSE). It hides what they are about from who looks on from outside; it proves
 * nothing about a peer, and web seeds and trackers have no part in it.
 *
 * - `disabled`: none are, and who comes encrypted is not let in.
 * - `allowed`: who comes encrypted is let in. A peer that hangs up on a plain connection is dialled once more, encrypted.
 * - `preferred`: peers are dialled encrypted, and who cannot do that once more plain; who leaves us the choice is encrypted.
 * - `required`: encrypted connections only, in both directions.
 *
 * @example
 * ```ts
 * session(metainfo, { directory: 'downloads', encryption: 'preferred' })
 * ```
 */
export type EncryptionPolicy = 'disabled' | 'allowed' | 'preferred' | 'required'

export const DEFAULT_ENCRYPTION: EncryptionPolicy = 'allowed'

interface PolicyRow {
  /** How a peer is dialled: the next where it has not answered to one. */
  readonly dials: ReadonlyArray<'plain' | 'encrypted'>
  /** How encrypted connections go on after their handshake, the best first. */
  readonly methods: ReadonlyArray<CryptoMethod>
  /** Whether who comes plain is let in. */
  readonly takesPlain: boolean
}

export const ENCRYPTION_POLICIES: Readonly<Record<EncryptionPolicy, PolicyRow>> = {
  disabled: { dials: ['plain'], methods: [], takesPlain: true },
  // Where the peer does not mind, neither do we, and plain costs nothing.
  allowed: { dials: ['plain', 'encrypted'], methods: ['plaintext', 'rc4'], takesPlain: true },
  preferred: { dials: ['encrypted', 'plain'], methods: ['rc4', 'plaintext'], takesPlain: true },
  required: { dials: ['encrypted'], methods: ['rc4'], takesPlain: false },
}

/** Throws a `TypeError` where the policy is none, or more than the world can do. */
export const refuseEncryption = (policy: EncryptionPolicy, keyExchange: KeyExchange | undefined): void => {
  if (!Object.hasOwn(ENCRYPTION_POLICIES, policy)) throw new TypeError(`${policy} is no encryption policy`)
  if (policy === 'required' && keyExchange === undefined) {
    throw new TypeError('encryption is required, and this world has no `keyExchange`')
  }
}
