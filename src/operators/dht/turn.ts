import * as O from '#fp/Option'
import { keepConnected, onResolved } from './bootstrap.js'
import type { DhtEffect } from './effect.js'
import { emit, notify } from './emit.js'
import type { DhtEvent } from './event.js'
import { restoreTable } from './homes.js'
import type { DhtModel } from './model.js'
import type { DhtNotice, DhtReport } from './notice.js'
import { onCommand } from './onCommand.js'
import { onReceived } from './onReceived.js'
import { onTick } from './onTick.js'
import { startWaiting } from './tasks.js'

/** What one event led to. `model` is the same mutable object each time; the rest is the turn's own. */
export interface DhtTurn {
  readonly model: DhtModel
  readonly effects: ReadonlyArray<DhtEffect>
  readonly notices: ReadonlyArray<DhtNotice>
  readonly reports: ReadonlyArray<DhtReport>
  /** A snapshot would show something new; with `isUrgent` it should be taken at once. */
  readonly isNews: boolean
  readonly isUrgent: boolean
}

/** The fold of a DHT node: takes one event, changes the model, and answers with what is to be done. */
export const dhtTurn = (model: DhtModel, event: DhtEvent): DhtTurn => {
  model.now = event.at
  model.effects = []
  model.notices = []
  model.reports = []
  model.isUrgent = false
  take(model, event)
  keepConnected(model)
  startWaiting(model)
  const { effects, notices, reports, isUrgent } = model
  const isNews = event._tag !== 'Tick' || effects.length > 0 || notices.length > 0
  return { model, effects, notices, reports, isNews, isUrgent }
}

const take = (model: DhtModel, event: DhtEvent): void => {
  switch (event._tag) {
    case 'Started':
      for (const { index } of model.homes) emit(model, { _tag: 'Bind', home: index })
      model.isLoading = model.config.hasStore
      if (model.isLoading) emit(model, { _tag: 'LoadTable' })
      return
    case 'Bound':
      onBound(model, event)
      return
    case 'Unbound':
      onUnbound(model, event)
      return
    case 'Received': {
      const home = model.homes[event.home]
      if (home !== undefined) onReceived(model, home, event.from, event.bytes)
      return
    }
    case 'Resolved':
      onResolved(model, event.addresses)
      return
    case 'TableLoaded':
      model.isLoading = false
      if (O.isSome(event.table)) restoreTable(model, event.table.value)
      if (O.isSome(event.problem)) {
        notify(model, { _tag: 'DhtTableRejected', at: event.at, why: event.problem.value })
      }
      return
    case 'TableSaved':
      return
    case 'TableSaveFailed':
      notify(model, { _tag: 'DhtTableSaveFailed', at: event.at, code: event.code })
      return
    case 'Tick':
      onTick(model)
      return
    case 'Command':
      onCommand(model, event.command)
  }
}

const onBound = (model: DhtModel, event: DhtEvent & { readonly _tag: 'Bound' }): void => {
  const home = model.homes[event.home]
  if (home === undefined) return
  home.local = event.local
  home.problem = undefined
  home.bootstrapAt = event.at
  model.isUrgent = true
  notify(model, { _tag: 'DhtListening', at: event.at, local: event.local })
}

const onUnbound = (model: DhtModel, event: DhtEvent & { readonly _tag: 'Unbound' }): void => {
  const home = model.homes[event.home]
  if (home === undefined) return
  home.local = undefined
  home.problem = event.code
  home.isBootstrapped = false
  home.isSettled = true
  model.isUrgent = true
  notify(model, { _tag: 'DhtListenFailed', at: event.at, family: home.family, code: event.code })
}
