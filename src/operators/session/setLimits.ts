import { blockSize } from '../piece/geometry.js'
import { forEachRequest } from '../rate/requestQueue.js'
import { take } from './allowance.js'
import { askAll } from './askInTurn.js'
import type { SessionCommand } from './command.js'
import { reportPolicyFailure } from './policyFailure.js'
import { isActive, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { serveAll } from './serveInTurn.js'
import { applyLimits, limitGroup } from './setRateLimits.js'

/** The limits of the session, or its share of its client's. */
export const setLimits = (
  model: SessionModel,
  command: SessionCommand & { readonly _tag: 'SetLimits' },
): void => {
  const { scope, down, up } = command
  model.allowance[scope] = { down, up }
  applyLimits(model)
  goOn(model)
}

export const setGroupLimits = (
  model: SessionModel,
  { group, down, up }: SessionCommand & { readonly _tag: 'SetGroupLimits' },
): void => {
  limitGroup(model, group, { down, up })
  goOn(model)
}

/** Puts the peer into the groups that include it, with what it is charged for: it will come, or be given back, there. */
export const joinGroups = (model: SessionModel, peer: PeerModel): void => {
  const { allowance } = model
  const { groups } = allowance
  if (groups.length === 0) return
  const { host, port } = peer.address
  const { client, direction } = peer
  const down = promisedBytes(model, peer)
  const up = peer.servingBytes
  take(allowance, 'down', peer, -down)
  take(allowance, 'up', peer, -up)
  peer.groups = groups.filter(({ rule }) => {
    try {
      return rule.includes({ host, port, client, direction })
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : 'threw a value that is no Error'
      reportPolicyFailure(model, 'limits', `group ${rule.name}: ${why}`)
      return false
    }
  })
  take(allowance, 'down', peer, down)
  take(allowance, 'up', peer, up)
}

const promisedBytes = ({ geometry }: SessionModel, { requests }: PeerModel): number => {
  let bytes = 0
  forEachRequest(requests, (piece, block, isReleased) => {
    if (!isReleased) bytes += blockSize(geometry, piece, block)
  })
  return bytes
}

/** What had to wait for a limit may go now. */
const goOn = (model: SessionModel): void => {
  model.isUrgent = true
  if (!isActive(model)) return
  askAll(model)
  serveAll(model)
}
