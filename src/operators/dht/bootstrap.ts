import type { PeerAddress } from '../../codecs/peerAddress.js'
import { emit, notify } from './emit.js'
import { countGood, familyOf } from './homes.js'
import { DHT_LIMITS } from './limits.js'
import type { DhtModel, HomeModel } from './model.js'
import { idInBucket, markRefreshed, staleBuckets } from './refreshBuckets.js'
import { beginOwnTask } from './tasks.js'

/** Joins the network where we are not part of it, and stays it where we are. */
export const keepConnected = (model: DhtModel): void => {
  if (model.isLoading) return
  for (const home of model.homes) {
    if (home.local === undefined) continue
    if (home.bootstrapTask !== undefined && !model.tasks.has(home.bootstrapTask)) finish(model, home)
    if (home.bootstrapTask === undefined && model.now >= home.bootstrapAt) begin(model, home)
  }
}

/** The bootstrap names stand for these. */
export const onResolved = (model: DhtModel, addresses: ReadonlyArray<PeerAddress>): void => {
  model.isResolving = false
  model.bootstrap = addresses.slice(0, DHT_LIMITS.bootstrapAddresses)
  for (const home of model.homes) {
    if (!home.isBootstrapped && home.bootstrapTask === undefined) home.bootstrapAt = model.now
  }
}

/** Looks for ourselves: the nodes on the way are those that we are to know. */
const begin = (model: DhtModel, home: HomeModel): void => {
  const routers = model.bootstrap.filter(({ host }) => familyOf(host) === home.family)
  if (home.table.byId.size === 0 && routers.length === 0) {
    waitForNames(model, home)
    return
  }
  home.bootstrapAt = Infinity
  home.bootstrapTask = beginOwnTask(model, home, home.table.id)
}

/** Nobody is known. Names that stand for nothing may do so later: we may be offline. */
const waitForNames = (model: DhtModel, home: HomeModel): void => {
  const { now, config } = model
  resolve(model)
  home.bootstrapAt = config.hasBootstrap ? now + waitMs(home.failures) : Infinity
  if (model.isResolving) return
  home.isSettled = true
  if (config.hasBootstrap && home.failures === 0) {
    notify(model, { _tag: 'DhtBootstrapFailed', at: now, family: home.family })
  }
  home.failures++
}

/** Well-known hosts are asked once, and again when nobody else is left. */
const resolve = (model: DhtModel): void => {
  if (!model.config.hasBootstrap || model.isResolving) return
  if (model.now - model.resolvedAt < DHT_LIMITS.bootstrapMs) return
  model.isResolving = true
  model.resolvedAt = model.now
  emit(model, { _tag: 'Resolve' })
}

const finish = (model: DhtModel, home: HomeModel): void => {
  const { now } = model
  const { family } = home
  home.bootstrapTask = undefined
  const good = countGood(home, now)
  const isFew = good < DHT_LIMITS.fewNodes
  if (isFew && model.resolvedAt === -Infinity) resolve(model)
  else home.isSettled = true
  if (isFew) {
    home.bootstrapAt = now + waitMs(home.failures)
    home.failures++
  } else home.failures = 0
  if (good === 0) {
    if (home.isSettled && home.failures === 1) notify(model, { _tag: 'DhtBootstrapFailed', at: now, family })
    home.isBootstrapped = false
    return
  }
  home.isSettled = true
  model.isUrgent = true
  if (!home.isBootstrapped) notify(model, { _tag: 'DhtBootstrapped', at: now, family, good })
  home.isBootstrapped = true
  // The nearest are known now; of those far away a few of each distance are to be.
  home.toFill = home.table.buckets.map((_, bucket) => bucket).slice(0, -1)
}

/** A packet is soon lost: the first times nothing follows from it. */
const waitMs = (failures: number): number =>
  Math.min(
    DHT_LIMITS.bootstrapMs * 2 ** Math.min(Math.max(failures - PATIENT_TIMES, 0), 10),
    DHT_LIMITS.longestBootstrapMs,
  )

const PATIENT_TIMES = 3

/** One bucket at a time is filled, or refreshed where nothing has changed for long. */
export const refreshWhenDue = (model: DhtModel): void => {
  for (const home of model.homes) {
    if (home.local === undefined || isSearching(model, home)) continue
    if (!home.isBootstrapped) {
      seekHelp(model, home)
      continue
    }
    const bucket = home.toFill.pop() ?? staleBuckets(home.table, model.now)[0]
    if (bucket === undefined) continue
    markRefreshed(home.table, bucket, model.now)
    beginOwnTask(model, home, idInBucket(home.table, bucket, model.prng))
    // All that were known may have gone meanwhile.
    if (countGood(home, model.now) === 0 && home.bootstrapAt === Infinity) home.bootstrapAt = model.now
  }
}

/** Others may have found us; else those of the other network may know somebody in this one (BEP 32). */
const seekHelp = (model: DhtModel, home: HomeModel): void => {
  const good = countGood(home, model.now)
  if (good >= DHT_LIMITS.fewNodes || (good > 0 && home.bootstrapAt === Infinity)) {
    home.bootstrapAt = model.now
    return
  }
  if (model.now - home.helpedAt < DHT_LIMITS.helpMs) return
  const helper = model.homes.find(
    (other) => other.family !== home.family && other.isBootstrapped && !isSearching(model, other),
  )
  if (helper === undefined) return
  home.helpedAt = model.now
  beginOwnTask(model, helper, home.table.id)
}

const isSearching = (model: DhtModel, { index }: HomeModel): boolean => {
  for (const task of model.tasks.values()) if (task.home === index) return true
  return false
}
