import type { Dht } from './dht.js'

/** What a session needs of a DHT node; a `Dht` is one. */
export type SessionDht = Pick<Dht, 'announce' | 'lookup' | 'port$' | 'addNodes'>
