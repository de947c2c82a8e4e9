import { addTrackers, hasTracker, removeTracker, trackerUrlsProblem } from '../tracker/changeTrackers.js'
import { banHost } from '../peer/ban.js'
import { prioritiesProblem } from '../piece/piecePriorities.js'
import { askAll } from './askInTurn.js'
import { chokeRound } from './chokeRound.js'
import type { SessionCommand } from './command.js'
import { commandProblem } from './commandProblem.js'
import { connectionLimitsProblem } from './connectionLimits.js'
import { dhtPortProblem, setDhtPort } from './dhtPort.js'
import { externalPortProblem, setExternalPort } from './externalPort.js'
import { reportPolicyFailure } from './policyFailure.js'
import { emit, notify } from './emit.js'
import { addCandidates, announceDue, dialMore, stop } from './lifecycle.js'
import { goneWith } from './goneWith.js'
import { losePieces } from './losePieces.js'
import { isActive, type SessionModel } from './model.js'
import { askStorage } from './onStorageOp.js'
import { closePeer } from './peers.js'
import { cancelRecheck } from './recheck.js'
import { blockLengthProblem, setBlockLength } from './setBlockLength.js'
import { setDesired } from './setDesired.js'
import { setMemory } from './setMemory.js'
import { closeExcess } from './turnover.js'
import { setGroupLimits, setLimits } from './setLimits.js'
import { markResumeChanged, saveResume } from './saveResume.js'
import { clearWindow, setPriorities, setWindow, windowProblem } from './prioritize.js'

/** Everything that the user says. What makes no sense is told of, and passed over. */
export const onCommand = (model: SessionModel, command: SessionCommand): void => {
  if (model.stage === 'stopping' || model.stage === 'stopped') return
  const why = commandProblem(command) ?? problemOf(model, command)
  if (why === undefined) obey(model, command)
  else notify(model, { _tag: 'CommandRefused', at: model.now, command, why })
}

/** What makes no sense about a well-formed command, as things are. */
const problemOf = (model: SessionModel, command: SessionCommand): string | undefined => {
  switch (command._tag) {
    case 'AddTrackers':
      return trackerUrlsProblem(model.trackers, command.urls)
    case 'RemoveTracker':
      return hasTracker(model.trackers, command.url) ? undefined : 'there is no such tracker'
    case 'SetBlockLength':
      return blockLengthProblem(command.blockLength)
    case 'SetConnectionLimits':
      return connectionLimitsProblem(command)
    case 'SetPriorities':
      return prioritiesProblem(command.priorities, model.config.metainfo.files.length)
    case 'SetWindow':
      return windowProblem(model, command)
    case 'ReportGone':
      return windowProblem(model, { first: command.piece, last: command.piece })
    case 'SetDhtPort':
      return dhtPortProblem(model, command.port)
    case 'SetExternalPort':
      return externalPortProblem(command.port)
    case 'SetGroupLimits':
      return model.allowance.groups.some(({ rule }) => rule.name === command.group)
        ? undefined
        : `there is no group ${command.group}`
    default:
      return undefined
  }
}

const obey = (model: SessionModel, command: SessionCommand): void => {
  switch (command._tag) {
    case 'Stop':
      stop(model)
      return
    case 'SetDesired':
      setDesired(model, command.desired)
      return
    case 'AddPeers':
      addCandidates(model, command.peers, command.source ?? 'manual')
      dialMore(model)
      return
    case 'SaveResume':
      saveResume(model, 'flushed')
      return
    case 'Ban':
      ban(model, command.host)
      return
    case 'SetDhtPort':
      setDhtPort(model, command.port)
      return
    case 'SetExternalPort':
      setExternalPort(model, command.protocol, command.port)
      return
    case 'ReportDhtFailure':
      notify(model, { _tag: 'DhtUnavailable', at: model.now, family: command.family, code: command.code })
      return
    case 'AddTrackers':
      addTrackers(model.trackers, command.urls, model.now)
      markResumeChanged(model)
      announceDue(model)
      return
    case 'RemoveTracker':
      removeTracker(model.trackers, command.url, model.now)
      markResumeChanged(model)
      announceDue(model)
      return
    case 'SetBlockLength':
      setBlockLength(model, command.blockLength)
      return
    case 'SetConnectionLimits':
      model.connections = command.connections
      model.unchokeSlots = command.unchokeSlots
      closeExcess(model)
      model.lastChokeAt = model.now
      chokeRound(model, 'due')
      dialMore(model)
      return
    case 'SetMemory':
      setMemory(model, command.bytes)
      return
    case 'SetPriorities':
      setPriorities(model, command.priorities)
      return
    case 'SetWindow':
      setWindow(model, command)
      return
    case 'ClearWindow':
      clearWindow(model, command.id)
      return
    case 'ReportGone':
      losePieces(model, goneWith(model, command.piece, command.file, command.isWholeFile), command.file)
      if (isActive(model)) askAll(model)
      return
    case 'Recheck':
      // It begins at the end of the turn.
      model.recheckIds.add(command.id)
      return
    case 'CancelRecheck':
      cancelRecheck(model, command.id)
      return
    case 'SetLimits':
      setLimits(model, command)
      return
    case 'SetGroupLimits':
      setGroupLimits(model, command)
      return
    case 'ReportFailure':
      reportPolicyFailure(model, command.policy, command.message)
      return
    case 'ReleaseHandles':
    case 'MoveStorage':
    case 'CancelMove':
    case 'RenameFile':
    case 'RemoveData':
      askStorage(model, command)
      return
  }
}

const ban = (model: SessionModel, host: string): void => {
  banHost(model.bans, host)
  for (const [key, address] of model.dialling) {
    if (address.host === host) emit(model, { _tag: 'Close', peer: key, reason: { _tag: 'Banned' } })
  }
  for (const peer of [...model.peers.values()]) {
    if (peer.address.host === host) closePeer(model, peer, { _tag: 'Banned' })
  }
}
