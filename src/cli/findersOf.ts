import { dht, lsd } from '../index.js'
import type { TransferAction } from './action.js'
import type { Finders } from './finders.js'

/** The DHT node of this run knows from the last one whom to ask. Nothing is open yet. */
export const findersOf = ({ dht: choice, lsd: isLocal, port, directory }: TransferAction): Finders => ({
  node:
    choice === 'none'
      ? undefined
      : dht({ directory, port, ...(choice.bootstrap.length === 0 ? {} : { bootstrap: choice.bootstrap }) }),
  local: isLocal ? lsd() : undefined,
})
