import { defer, of } from 'rxjs'
import { HASH_LENGTH, pieceRoot } from '../../codecs/merkle.js'
import type { Hasher, RunningHash, StorageLayout } from '../deps.js'

type Hashed = Pick<StorageLayout, 'pieceHash' | 'pieceLength'>

/** How the hasher hashes a whole piece of the torrent. */
export const pieceHasher = ({ sha1, merkle }: Hasher, { pieceHash, pieceLength }: Hashed): Hasher['sha1'] => {
  if (pieceHash !== 'merkle') return sha1
  return merkle === undefined
    ? (bytes) => defer(() => of({ digest: pieceRoot(bytes, pieceLength), bytes }))
    : (bytes) => merkle(bytes, pieceLength)
}

/** How it hashes one along with its blocks; undefined where it does not. */
export const runningHasher = (
  { start, startMerkle }: Hasher,
  { pieceHash, pieceLength }: Hashed,
): (() => RunningHash) | undefined => {
  if (pieceHash !== 'merkle') return start
  return startMerkle && (() => startMerkle(pieceLength))
}

/** Bytes of a digest. */
export const digestLengthOf = ({ pieceHash }: Hashed): number =>
  pieceHash === 'merkle' ? HASH_LENGTH : SHA1_LENGTH

const SHA1_LENGTH = 20
