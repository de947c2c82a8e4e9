import { NODE_ID_BYTES } from '../../codecs/compactNodes.js'
import { addCandidate } from './homes.js'
import type { DhtCommand } from './command.js'
import type { DhtModel } from './model.js'
import { beginTask, cancelTask } from './tasks.js'

/** Everything that the user says. */
export const onCommand = (model: DhtModel, command: DhtCommand): void => {
  switch (command._tag) {
    case 'Begin':
      if (command.goal.target.length === NODE_ID_BYTES) beginTask(model, command.id, command.goal)
      return
    case 'Cancel':
      cancelTask(model, command.id)
      return
    case 'AddNodes':
      for (const address of command.addresses) addCandidate(model, address)
  }
}
