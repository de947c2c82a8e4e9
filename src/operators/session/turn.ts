import { flushMessages, notify } from './emit.js'
import type { SessionEffect } from './effect.js'
import type { SessionEvent } from './event.js'
import { finishIfDone, onPortKnown, stop } from './lifecycle.js'
import { rate } from '../rate/ewma.js'
import type { SessionModel } from './model.js'
import type { Notice } from './notice.js'
import { onCommand } from './onCommand.js'
import { onDisk } from './onDisk.js'
import { onPeer } from './onPeer.js'
import { onStorageOp } from './onStorageOp.js'
import { beginRecheck } from './recheck.js'
import { finishPause } from './setDesired.js'
import { onResume } from './onResume.js'
import { onTick } from './onTick.js'
import { onTracker } from './onTracker.js'
import { saveWhenDue } from './saveResume.js'
import { onHashTurn } from './serveHashes.js'

/** What one event led to. `model` is the same mutable object each time; the effects are the turn's own. */
export interface Turn {
  readonly model: SessionModel
  readonly effects: ReadonlyArray<SessionEffect>
  readonly notices: ReadonlyArray<Notice>
  /** A snapshot would show something new; with `isUrgent` it should be taken at once. */
  readonly isNews: boolean
  readonly isUrgent: boolean
  /** Nobody is connected and nothing is under way: until something happens, seconds between ticks are enough. */
  readonly isIdle: boolean
  /** The session has stopped: its last turn. */
  readonly isLast: boolean
}

/**
 * The engine: every event goes through here, one at a time, to the handler of its source; what the handlers want done
 * leaves as effects. Deterministic: the same configuration and the same events give the same effects.
 */
export const turn = (model: SessionModel, event: SessionEvent): Turn => {
  model.effects = []
  model.notices = []
  model.isUrgent = false
  model.now = event.at
  switch (event._tag) {
    case 'Started':
      if (model.desired === 'stopped') stop(model)
      else model.effects.push({ _tag: 'OpenStorage' })
      break
    case 'PeerBatch':
    case 'PeerConnected':
    case 'PeerDrained':
    case 'PeerClosed':
    case 'BlocksServed':
    case 'MetadataServed':
    case 'HashesServed':
      onPeer(model, event)
      break
    case 'StorageOpened':
    case 'PiecesChecked':
    case 'PieceVerified':
    case 'PieceLost':
    case 'PieceWritten':
    case 'BlockWritten':
    case 'Flushed':
    case 'ServeFailed':
    case 'StorageFailed':
      onDisk(model, event)
      break
    case 'MoveProgressed':
    case 'StorageMoved':
    case 'FileRenamed':
    case 'DataRemoved':
    case 'StorageOpFailed':
      onStorageOp(model, event)
      break
    case 'ResumeLoaded':
    case 'SlotFilled':
    case 'BlocksStored':
    case 'ResumeSaved':
    case 'ResumeSaveFailed':
    case 'ResumeRemoved':
      onResume(model, event)
      break
    case 'AnnounceSucceeded':
    case 'AnnounceFailed':
      onTracker(model, event)
      break
    case 'Listening':
      model.port = event.port
      model.isUrgent = true
      notify(model, { _tag: 'Listening', at: event.at, port: event.port })
      onPortKnown(model)
      break
    case 'ListenFailed':
      notify(model, { _tag: 'ListenFailed', at: event.at, code: event.code })
      onPortKnown(model)
      break
    case 'UtpListenFailed':
      notify(model, event)
      break
    case 'Tick':
      onTick(model)
      saveWhenDue(model)
      break
    case 'Command':
      onCommand(model, event.command)
      break
    case 'HashTurn':
      onHashTurn(model)
      break
    case 'OptionFailed':
      notify(model, event)
      break
  }
  beginRecheck(model)
  finishPause(model)
  finishIfDone(model)
  flushMessages(model)
  const { effects, notices, isUrgent } = model
  return {
    model,
    effects,
    notices,
    isNews: event._tag !== 'Tick' || isUrgent || effects.length > 0 || notices.length > 0 || isMoving(model),
    isUrgent,
    isIdle: isIdle(model),
    isLast: model.stage === 'stopped',
  }
}

const isIdle = (model: SessionModel): boolean =>
  model.peers.size === 0 &&
  model.dialling.size === 0 &&
  model.effects.length === 0 &&
  !model.wasMoving &&
  !model.isFlushing &&
  model.stage === 'open'

/** Whether rates are above zero, or have just come to it. */
const isMoving = (model: SessionModel): boolean => {
  const before = model.wasMoving
  model.wasMoving = rate(model.down) > 0 || rate(model.up) > 0
  return before || model.wasMoving
}
