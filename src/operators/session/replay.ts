import type { SessionEffect } from './effect.js'
import type { SessionEvent } from './event.js'
import { createModel, type SessionConfig } from './model.js'
import { createSnapshots } from './snapshot.js'
import type { SessionState } from './state.js'
import { turn } from './turn.js'

/** What one event of a recording led to. */
export interface ReplayedTurn {
  readonly event: SessionEvent
  readonly effects: ReadonlyArray<SessionEffect>
  readonly state: SessionState
}

/**
 * Lives a session's life again from its configuration and the log of its events, without a world: the same log gives
 * the same effects and the same states. Lazy: one turn for each `next()`.
 *
 * @example
 * ```ts
 * for (const { event, state } of replay(config, log)) console.log(event._tag, state.progress.fraction)
 * ```
 */
export function* replay(config: SessionConfig, log: Iterable<SessionEvent>): Generator<ReplayedTurn, void> {
  const takeSnapshot = createSnapshots()
  let model: ReturnType<typeof createModel> | undefined
  for (const event of log) {
    model ??= createModel(config, event.at)
    const { effects } = turn(model, event)
    yield { event, effects, state: takeSnapshot(model) }
  }
}
