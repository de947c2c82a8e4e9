import type { CryptoPadding } from '../../codecs/encryption/cryptoHandshake.js'
import { MAX_CRYPTO_PADDING_BYTES } from '../../codecs/limits.js'
import type { Random } from '../deps.js'

/** So that no handshake is as long as another. */
export const cryptoPadding = (random: Random): CryptoPadding => ({
  random: random.bytes(someLength(random)),
  zeros: someLength(random),
})

const someLength = (random: Random): number => {
  const [high = 0, low = 0] = random.bytes(2)
  return ((high << 8) | low) % (MAX_CRYPTO_PADDING_BYTES + 1)
}
