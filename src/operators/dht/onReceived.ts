import * as E from '#fp/Either'
import { decodeKrpc, encodeKrpc, type KrpcError, type KrpcResponse } from '../../codecs/krpc.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { admitQuery } from './answerLimits.js'
import { answerQuery } from './answerQuery.js'
import { sendAnswer } from './emit.js'
import { addCandidate, voteExternal } from './homes.js'
import type { DhtModel, HomeModel } from './model.js'
import { mayName } from './network.js'
import { nodeAnswered } from './routingTable.js'
import { onTaskAnswer } from './tasks.js'
import { closeTransaction } from './transactions.js'

/** A packet. An answer is taken only from who was asked; a query gets one answer at most, and an answer none. */
export const onReceived = (model: DhtModel, home: HomeModel, from: PeerAddress, bytes: Uint8Array): void => {
  model.totals.bytesReceived += bytes.length
  const decoded = decodeKrpc(bytes)
  if (E.isLeft(decoded)) {
    const { reply } = decoded.left
    if (reply === undefined) model.totals.packetsIgnored++
    else if (takeQuery(model, from)) sendAnswer(model, home, from, encodeKrpc(reply), bytes.length)
    return
  }
  const message = decoded.right
  if (message._tag !== 'KrpcQuery') onAnswer(model, home, from, message)
  else if (takeQuery(model, from)) answerQuery(model, home, from, message, bytes.length)
}

/** Whether somebody's query is to be looked at. */
const takeQuery = (model: DhtModel, from: PeerAddress): boolean => {
  model.totals.queriesReceived++
  // Nobody should ask a read-only node (BEP 43).
  if (model.config.isReadOnly) return false
  if (admitQuery(model.limits, from, model.now)) return true
  model.totals.queriesDropped++
  return false
}

const onAnswer = (
  model: DhtModel,
  home: HomeModel,
  from: PeerAddress,
  message: KrpcResponse | KrpcError,
): void => {
  const transaction = closeTransaction(model.transactions, message.transaction, home.index, from)
  if (transaction === undefined) {
    model.totals.packetsIgnored++
    return
  }
  model.totals.answersReceived++
  if (message.ip !== undefined) voteExternal(model, home, from, message.ip)
  if (message._tag === 'KrpcResponse') {
    const { host, port } = from
    nodeAnswered(home.table, { id: message.answer.id, host, port }, model.now)
    meetOthers(model, home, from, message)
  }
  onTaskAnswer(model, transaction, message)
}

/** Nodes of the other network, while we know few there (BEP 32). */
const meetOthers = (model: DhtModel, home: HomeModel, from: PeerAddress, { answer }: KrpcResponse): void => {
  const others = home.family === 4 ? answer.nodes6 : answer.nodes
  if (others === undefined) return
  const isLost = model.homes.some(
    ({ family, local, isBootstrapped }) => family !== home.family && local !== undefined && !isBootstrapped,
  )
  if (!isLost) return
  for (const node of others) if (mayName(from.host, node.host)) addCandidate(model, node)
}
