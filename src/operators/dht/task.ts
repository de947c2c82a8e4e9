import type { DhtItem } from '../../codecs/dhtItem.js'
import type { DhtGoal } from './command.js'
import type { Lookup } from './lookup.js'

/** A search, and what comes after it. */
export interface DhtTask {
  readonly id: number
  readonly goal: DhtGoal
  /** The only address of ours that it leaves from; all where undefined. */
  readonly home: number | undefined
  readonly begunAt: number
  stage: 'waiting' | 'asking' | 'storing' | 'done'
  legs: ReadonlyArray<Leg>
  /** Nodes that have been asked to store, and have not answered. */
  storing: number
  answers: number
  stored: number
  readonly refusals: Set<number>
  /** What has been told, of all legs. */
  readonly told: Set<string>
  /** The newest that was found. */
  item: DhtItem | undefined
  readonly scrape: ScrapeSum
}

/** A search in one of the two networks, from one address of ours. */
export interface Leg {
  readonly home: number
  readonly lookup: Lookup
}

/** All filters of a scrape in one (BEP 33). */
export interface ScrapeSum {
  seeds: Uint8Array | undefined
  peers: Uint8Array | undefined
  answers: number
}

export const createTask = (id: number, goal: DhtGoal, home: number | undefined, now: number): DhtTask => ({
  id,
  goal,
  home,
  begunAt: now,
  stage: 'waiting',
  legs: [],
  storing: 0,
  answers: 0,
  stored: 0,
  refusals: new Set(),
  told: new Set(),
  item: undefined,
  scrape: { seeds: undefined, peers: undefined, answers: 0 },
})
