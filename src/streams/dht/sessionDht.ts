import type { Dht } from './dht.js'

/**
 * What a session needs of a DHT node; a `Dht` is one. Where there is a `state$`, the session tells of a port that cannot
 * be had.
 */
export type SessionDht = Pick<Dht, 'announce' | 'lookup' | 'port$' | 'addNodes'> &
  Partial<Pick<Dht, 'state$'>>
