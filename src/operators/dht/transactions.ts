import { toHex } from '../../codecs/bytes.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { Prng } from '../random.js'
import { DHT_LIMITS } from './limits.js'

/** A query that waits for its answer. */
export interface Transaction {
  readonly key: string
  /** `t` of the query. */
  readonly transaction: Uint8Array
  /** Which of our addresses it left from. */
  readonly home: number
  readonly to: PeerAddress
  readonly purpose: Purpose
  readonly sentAt: number
  /** It has waited long enough for the next to be asked as well. */
  isLate: boolean
}

export type Purpose =
  /** Whether somebody is there. */
  | { readonly _tag: 'Check' }
  /** A step of a search. */
  | { readonly _tag: 'Ask'; readonly task: number }
  /** The last step: an announce or a put. */
  | { readonly _tag: 'Store'; readonly task: number }

/** Queries under way, the oldest first. Mutable, for one owner; written only through the functions of this file. */
export type Transactions = Map<string, Transaction>

export const createTransactions = (): Transactions => new Map()

/** Undefined where too many are under way. The id cannot be guessed by who does not see the query. */
export const openTransaction = (
  transactions: Transactions,
  prng: Prng,
  query: Pick<Transaction, 'home' | 'to' | 'purpose'>,
  now: number,
): Transaction | undefined => {
  if (transactions.size >= DHT_LIMITS.transactions) return undefined
  for (;;) {
    const id = prng.uint32()
    const transaction = Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)
    const key = toHex(transaction)
    if (transactions.has(key)) continue
    const opened: Transaction = { ...query, key, transaction, sentAt: now, isLate: false }
    transactions.set(key, opened)
    return opened
  }
}

/** What an answer is to, and the end of it: only from where the query went, by the way that it went. */
export const closeTransaction = (
  transactions: Transactions,
  transaction: Uint8Array,
  home: number,
  from: PeerAddress,
): Transaction | undefined => {
  const found = transactions.get(toHex(transaction))
  if (found?.home !== home || found.to.host !== from.host || found.to.port !== from.port) return undefined
  transactions.delete(found.key)
  return found
}

/** Those that nobody has answered in time; they are closed. */
export const takeExpired = (transactions: Transactions, now: number): ReadonlyArray<Transaction> => {
  const expired: Transaction[] = []
  for (const transaction of transactions.values()) {
    if (now - transaction.sentAt < DHT_LIMITS.timeoutMs) break
    expired.push(transaction)
    transactions.delete(transaction.key)
  }
  return expired
}

/** Those that have just become late. */
export const takeLateOnes = (transactions: Transactions, now: number): ReadonlyArray<Transaction> => {
  const late: Transaction[] = []
  for (const transaction of transactions.values()) {
    if (now - transaction.sentAt < DHT_LIMITS.lateMs) break
    if (transaction.isLate) continue
    transaction.isLate = true
    late.push(transaction)
  }
  return late
}
