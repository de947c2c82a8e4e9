import type { DhtEffect } from './effect.js'
import type { DhtEvent } from './event.js'
import { createDhtModel, type DhtConfig } from './model.js'
import { takeDhtSnapshot } from './snapshot.js'
import type { DhtState } from './state.js'
import { dhtTurn } from './turn.js'

/** What one event of a recording led to. */
export interface ReplayedDhtTurn {
  readonly event: DhtEvent
  readonly effects: ReadonlyArray<DhtEffect>
  readonly state: DhtState
}

/**
 * Lives the life of a DHT node again from its configuration and the log of its events: the same log gives the same
 * effects and the same states. Lazy: one turn for each `next()`.
 *
 * @example
 * ```ts
 * for (const { event, state } of replayDht(config, log)) console.log(event._tag, state.homes[0]?.good)
 * ```
 */
export function* replayDht(config: DhtConfig, log: Iterable<DhtEvent>): Generator<ReplayedDhtTurn, void> {
  let model: ReturnType<typeof createDhtModel> | undefined
  for (const event of log) {
    model ??= createDhtModel(config, event.at)
    const { effects } = dhtTurn(model, event)
    yield { event, effects, state: takeDhtSnapshot(model) }
  }
}
