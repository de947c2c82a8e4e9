import { banHost } from '../peer/ban.js'
import type { SessionCommand } from './command.js'
import { emit } from './emit.js'
import { addCandidates, dialMore, stop } from './lifecycle.js'
import type { SessionModel } from './model.js'
import { closePeer } from './peers.js'
import { clearWindow, setPriorities, setWindow } from './prioritize.js'

/** Everything that the user says. */
export const onCommand = (model: SessionModel, command: SessionCommand): void => {
  switch (command._tag) {
    case 'SetPriorities':
      setPriorities(model, command.priorities)
      return
    case 'SetWindow':
      setWindow(model, command.id, command.first, command.last)
      return
    case 'ClearWindow':
      clearWindow(model, command.id)
      return
    case 'Stop':
      stop(model)
      return
    case 'AddPeers':
      addCandidates(model, command.peers, 'manual')
      dialMore(model)
      return
    case 'Ban':
      banHost(model.bans, command.host)
      for (const [key, { host }] of model.dialling) {
        if (host === command.host) emit(model, { _tag: 'Close', peer: key, reason: { _tag: 'Banned' } })
      }
      for (const peer of [...model.peers.values()]) {
        if (peer.address.host === command.host) closePeer(model, peer, { _tag: 'Banned' })
      }
      return
  }
}
