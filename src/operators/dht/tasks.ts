import type { KrpcError, KrpcQueryBody, KrpcResponse, NodeFamily } from '../../codecs/krpc.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { DhtGoal } from './command.js'
import { ask, notify, report } from './emit.js'
import { countGood, familyOf, nodeFamily } from './homes.js'
import { DHT_LIMITS } from './limits.js'
import {
  type Answerer,
  closestAnswered,
  createLookup,
  isLookupDone,
  nextQueries,
  onAnswer,
  onSlow,
  onTimeout,
  stopLookup,
} from './lookup.js'
import type { DhtModel, HomeModel } from './model.js'
import { closest } from './routingTable.js'
import { createTask, type DhtTask, type Leg } from './task.js'
import { takeAnswer, tellOwn, tellResults } from './taskAnswer.js'
import type { Transaction } from './transactions.js'

/** Begins a search; it waits until there is room, and until the node knows somebody. */
export const beginTask = (model: DhtModel, id: number, goal: DhtGoal): void => {
  if (model.tasks.size >= DHT_LIMITS.tasks + DHT_LIMITS.waitingTasks) {
    notify(model, { _tag: 'DhtSearchRefused', at: model.now })
    const outcome = { queries: 0, answers: 0, stored: 0, refusals: [] }
    report(model, { _tag: 'TaskDone', id, outcome })
    return
  }
  model.tasks.set(id, createTask(id, goal, undefined, model.now))
  startWaiting(model)
}

/** A search of our own, from one address, at once: to know our neighbours. */
export const beginOwnTask = (model: DhtModel, home: HomeModel, target: Uint8Array): number => {
  const id = model.nextOwnTask--
  const task = createTask(id, { _tag: 'FindNodes', target }, home.index, model.now)
  model.tasks.set(id, task)
  start(model, task)
  return id
}

export const cancelTask = (model: DhtModel, id: number): void => {
  const task = model.tasks.get(id)
  if (task === undefined) return
  for (const { lookup } of task.legs) stopLookup(lookup)
  end(model, task)
}

/** Starts those that wait, as far as there is room. */
export const startWaiting = (model: DhtModel): void => {
  // One that ends at once makes room for the next, in this loop.
  if (model.isStarting) return
  model.isStarting = true
  for (const task of model.tasks.values()) {
    if (model.running >= DHT_LIMITS.tasks) break
    if (task.stage !== 'waiting') continue
    // Those that follow have waited less.
    if (!mayStart(model, task)) break
    start(model, task)
  }
  model.isStarting = false
}

/** A search that begins before anybody is known finds nothing. */
const mayStart = (model: DhtModel, task: DhtTask): boolean =>
  model.now - task.begunAt >= DHT_LIMITS.patienceMs ||
  (!model.isLoading && model.homes.every(({ isSettled }) => isSettled))

const start = (model: DhtModel, task: DhtTask): void => {
  task.stage = 'asking'
  model.running++
  const homes = model.homes.filter(
    ({ index, local }) => local !== undefined && (task.home === undefined || task.home === index),
  )
  task.legs = homes.map((home) => legOf(model, task, home, homes.length))
  tellOwn(model, task)
  advance(model, task)
}

const legOf = (model: DhtModel, { goal }: DhtTask, home: HomeModel, legs: number): Leg => {
  const nodes = closest(home.table, goal.target, 2 * DHT_LIMITS.nodes, model.now)
  const isLost = countGood(home, model.now) < DHT_LIMITS.fewNodes
  // One that has answered is a node as any other.
  const isRouter = ({ host, port }: PeerAddress): boolean =>
    familyOf(host) === home.family && !nodes.some((node) => node.host === host && node.port === port)
  const routers = isLost ? model.bootstrap.filter(isRouter) : []
  return {
    home: home.index,
    lookup: createLookup({
      target: goal.target,
      ownId: home.table.id,
      family: nodeFamily(home),
      nodes,
      routers: routers.slice(0, DHT_LIMITS.nodes),
      maxQueries: Math.ceil(DHT_LIMITS.taskQueries / legs),
    }),
  }
}

/** Asks whom there is to be asked, and goes on where nobody is. */
const advance = (model: DhtModel, task: DhtTask): void => {
  if (task.stage === 'asking') {
    for (const leg of task.legs) askNext(model, task, leg)
    if (!task.legs.every(({ lookup }) => isLookupDone(lookup))) return
    tellResults(model, task)
    task.stage = 'storing'
    for (const leg of task.legs) store(model, task, leg)
  }
  if (task.stage === 'storing' && task.storing === 0) end(model, task)
}

const askNext = (model: DhtModel, task: DhtTask, leg: Leg): void => {
  const home = model.homes[leg.home]!
  const body = queryOf(model, task, home)
  for (const to of nextQueries(leg.lookup)) {
    const isSent = ask(model, home, to, body, { _tag: 'Ask', task: task.id })
    // Nothing can be sent: there is no answer to wait for.
    if (!isSent) onTimeout(leg.lookup, to)
  }
}

const queryOf = (model: DhtModel, { goal }: DhtTask, home: HomeModel): KrpcQueryBody => {
  const { target } = goal
  const want = wanted(model, home)
  switch (goal._tag) {
    case 'FindNodes':
      return { _tag: 'FindNode', target, want }
    case 'FindPeers':
      return { _tag: 'GetPeers', infohash: target, want, noSeed: goal.noSeed }
    case 'Scrape':
      return { _tag: 'GetPeers', infohash: target, want, scrape: true }
    case 'FindItem':
    case 'StoreItem':
      return { _tag: 'Get', target, want }
    case 'Sample':
      return { _tag: 'SampleInfohashes', target, want }
  }
}

/** Nodes of the other network too, while we know few there (BEP 32). */
const wanted = (model: DhtModel, home: HomeModel): ReadonlyArray<NodeFamily> | undefined => {
  const isLost = ({ family, local, isBootstrapped }: HomeModel): boolean =>
    family !== home.family && local !== undefined && !isBootstrapped
  return model.homes.some(isLost) ? ['n4', 'n6'] : undefined
}

/** The last step: to the nearest, each with the token that it gave. */
const store = (model: DhtModel, task: DhtTask, { home: index, lookup }: Leg): void => {
  if (lookup.isStopped) return
  const home = model.homes[index]!
  for (const node of closestAnswered(lookup)) {
    const body = storeOf(task.goal, node)
    if (body === undefined) continue
    if (ask(model, home, node, body, { _tag: 'Store', task: task.id })) task.storing++
  }
}

const storeOf = (goal: DhtGoal, { token }: Answerer): KrpcQueryBody | undefined => {
  if (token === undefined) return undefined
  if (goal._tag === 'StoreItem') return { _tag: 'Put', token, item: goal.item, cas: goal.cas }
  if (goal._tag !== 'FindPeers' || goal.announce === undefined) return undefined
  const { port, seed } = goal.announce
  return { _tag: 'AnnouncePeer', infohash: goal.target, port, impliedPort: port === 0, token, seed }
}

const end = (model: DhtModel, task: DhtTask): void => {
  if (task.stage === 'done') return
  if (task.stage !== 'waiting') model.running--
  task.stage = 'done'
  model.tasks.delete(task.id)
  report(model, {
    _tag: 'TaskDone',
    id: task.id,
    outcome: {
      queries: task.legs.reduce((sum, { lookup }) => sum + lookup.queries, 0),
      answers: task.answers,
      stored: task.stored,
      refusals: [...task.refusals],
    },
  })
  startWaiting(model)
}

/** A step of a search was answered, or refused. */
export const onTaskAnswer = (
  model: DhtModel,
  transaction: Transaction,
  message: KrpcResponse | KrpcError,
): void => {
  const { purpose, to } = transaction
  if (purpose._tag === 'Check') return
  const task = model.tasks.get(purpose.task)
  if (task === undefined) return
  if (purpose._tag === 'Store') {
    task.storing--
    if (message._tag === 'KrpcResponse') task.stored++
    else task.refusals.add(message.code)
  } else {
    const leg = task.legs.find(({ home }) => home === transaction.home)
    if (leg === undefined) return
    if (message._tag === 'KrpcResponse') {
      task.answers++
      takeAnswer(model, task, to, message.answer, onAnswer(leg.lookup, to, message.answer))
    } else onTimeout(leg.lookup, to)
  }
  advance(model, task)
}

/** Nobody has answered so far, or at all. */
export const onTaskSilence = (model: DhtModel, transaction: Transaction, isLate: boolean): void => {
  const { purpose, to, home } = transaction
  if (purpose._tag === 'Check') return
  const task = model.tasks.get(purpose.task)
  const leg = task?.legs.find((one) => one.home === home)
  if (task === undefined || leg === undefined) return
  if (purpose._tag === 'Store') task.storing -= isLate ? 0 : 1
  else if (isLate) onSlow(leg.lookup, to)
  else onTimeout(leg.lookup, to)
  advance(model, task)
}
