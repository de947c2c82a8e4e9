import * as O from '#fp/Option'
import { countGood } from './homes.js'
import { infohashCount } from './peerStore.js'
import type { DhtModel } from './model.js'
import type { DhtState } from './state.js'

/** What is shown of the model at this moment. */
export const takeDhtSnapshot = (model: DhtModel): DhtState => ({
  at: model.now,
  homes: model.homes.map((home) => ({
    family: home.family,
    nodeId: home.table.id,
    local: O.fromNullable(home.local),
    problem: O.fromNullable(home.problem),
    externalHost: O.fromNullable(home.externalHost),
    good: countGood(home, model.now),
    known: home.table.byId.size,
    isBootstrapped: home.isBootstrapped,
  })),
  isBootstrapped: model.homes.some(({ isBootstrapped }) => isBootstrapped),
  searches: model.running,
  waiting: model.tasks.size - model.running,
  stored: { torrents: infohashCount(model.peers), items: model.items.items.size },
  totals: { ...model.totals },
})
