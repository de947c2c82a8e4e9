import { describe, expect, it } from 'vitest'
import { DHT_LIMITS } from '../../../src/operators/dht/limits.js'
import {
  closeTransaction,
  createTransactions,
  openTransaction,
  takeExpired,
  takeLateOnes,
  type Transaction,
  type Transactions,
} from '../../../src/operators/dht/transactions.js'
import { createPrng } from '../../../src/operators/random.js'

const to = { host: '192.0.2.1', port: 6_881 }
const prng = createPrng(1)

const opened = (transactions: Transactions, now = 0): Transaction => {
  const transaction = openTransaction(transactions, prng, { home: 0, to, purpose: { _tag: 'Check' } }, now)
  if (transaction === undefined) throw new Error('none was opened')
  return transaction
}

describe('a transaction', () => {
  it('is closed by an answer from where the query went, once', () => {
    const transactions = createTransactions()
    const { transaction } = opened(transactions)
    expect(closeTransaction(transactions, transaction, 0, { ...to, port: 6_882 })).toBeUndefined()
    expect(closeTransaction(transactions, transaction, 0, { ...to, host: '192.0.2.2' })).toBeUndefined()
    expect(closeTransaction(transactions, transaction, 1, to)).toBeUndefined()
    expect(
      closeTransaction(
        transactions,
        transaction.map((byte) => byte ^ 1),
        0,
        to,
      ),
    ).toBeUndefined()
    expect(closeTransaction(transactions, new Uint8Array(0), 0, to)).toBeUndefined()
    expect(closeTransaction(transactions, transaction, 0, to)).toMatchObject({ to })
    expect(closeTransaction(transactions, transaction, 0, to)).toBeUndefined()
  })

  it('is late, then expired, once each', () => {
    const transactions = createTransactions()
    const first = opened(transactions, 0)
    const second = opened(transactions, 1_000)
    expect(takeLateOnes(transactions, DHT_LIMITS.lateMs)).toEqual([first])
    expect(takeLateOnes(transactions, DHT_LIMITS.lateMs + 1_000)).toEqual([second])
    expect(takeLateOnes(transactions, DHT_LIMITS.lateMs + 1_000)).toEqual([])
    expect(takeExpired(transactions, DHT_LIMITS.timeoutMs)).toEqual([first])
    expect(transactions.size).toBe(1)
  })

  it('is not opened while so many are', () => {
    const transactions = createTransactions()
    for (let i = 0; i < DHT_LIMITS.transactions; i++) opened(transactions)
    expect(new Set(transactions.keys()).size).toBe(DHT_LIMITS.transactions)
    expect(
      openTransaction(transactions, prng, { home: 0, to, purpose: { _tag: 'Check' } }, 0),
    ).toBeUndefined()
  })
})
