import { randomBytes } from 'node:crypto'
import type { Random } from '../deps.js'

/** The system's cryptographic generator. */
export const nodeRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) }
