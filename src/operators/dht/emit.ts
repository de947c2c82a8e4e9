import { encodeKrpc, type KrpcQueryBody } from '../../codecs/krpc.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { admitAnswer } from './answerLimits.js'
import type { DhtEffect } from './effect.js'
import { DHT_LIMITS } from './limits.js'
import type { DhtModel, HomeModel } from './model.js'
import type { DhtNotice, DhtReport } from './notice.js'
import { openTransaction, type Purpose } from './transactions.js'

export const emit = (model: DhtModel, effect: DhtEffect): void => {
  model.effects.push(effect)
}

export const notify = (model: DhtModel, notice: DhtNotice): void => {
  model.notices.push(notice)
}

/** Only for who began it: what we do for ourselves is nobody's business. */
export const report = (model: DhtModel, told: DhtReport): void => {
  if (told.id >= 0) model.reports.push(told)
}

/** Sends a query; false where nothing can be sent, or enough is under way. */
export const ask = (
  model: DhtModel,
  home: HomeModel,
  { host, port }: PeerAddress,
  body: KrpcQueryBody,
  purpose: Purpose,
): boolean => {
  if (home.local === undefined) return false
  const query = { home: home.index, to: { host, port }, purpose }
  const opened = openTransaction(model.transactions, model.prng, query, model.now)
  if (opened === undefined) return false
  model.totals.queriesSent++
  const bytes = encodeKrpc({
    _tag: 'KrpcQuery',
    transaction: opened.transaction,
    version: KRPC_VERSION,
    id: home.table.id,
    isReadOnly: model.config.isReadOnly,
    body,
  })
  model.totals.bytesSent += bytes.length
  emit(model, { _tag: 'Send', home: home.index, to: opened.to, bytes })
  return true
}

/** Two letters for the client, two bytes for its version. */
export const KRPC_VERSION = Uint8Array.of(0x52, 0x58, 0, 1)

/** Sends an answer, unless too much has been answered already. A query of so many bytes was asked. */
export const sendAnswer = (
  model: DhtModel,
  home: HomeModel,
  to: PeerAddress,
  bytes: Uint8Array,
  queryBytes: number,
): void => {
  if (
    bytes.length > DHT_LIMITS.amplification * queryBytes ||
    !admitAnswer(model.limits, bytes.length, model.now)
  ) {
    model.totals.queriesDropped++
    return
  }
  model.totals.answersSent++
  model.totals.answerBytesSent += bytes.length
  model.totals.bytesSent += bytes.length
  emit(model, { _tag: 'Send', home: home.index, to, bytes })
}
