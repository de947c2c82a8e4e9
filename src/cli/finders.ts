import { Observable } from 'rxjs'
import {
  type Dht,
  dht,
  dhtSource,
  type Lsd,
  lsd,
  lsdSource,
  type Metainfo,
  type PeerSource,
} from '../index.js'
import type { TransferAction } from './action.js'

/** Where peers are looked for besides the trackers: the same for a link's metadata and for the torrent behind it. */
export interface Finders {
  readonly node: Dht | undefined
  readonly local: Lsd | undefined
}

/** The DHT node of this run knows from the last one whom to ask. Nothing is open yet. */
export const findersOf = ({ dht: choice, lsd: isLocal, port, directory }: TransferAction): Finders => ({
  node:
    choice === 'none'
      ? undefined
      : dht({ directory, port, ...(choice.bootstrap.length === 0 ? {} : { bootstrap: choice.bootstrap }) }),
  local: isLocal ? lsd() : undefined,
})

/** Those that may hear of the torrent: none of a private one (BEP 27). */
export const findersFor = (finders: Finders, { isPrivate }: Metainfo): Finders =>
  isPrivate ? { node: undefined, local: undefined } : finders

/** For a search that is no session: one knows a DHT node by itself. */
export const sourcesOf = ({ node, local }: Finders): ReadonlyArray<PeerSource> => [
  ...(node === undefined ? [] : [dhtSource(node)]),
  ...(local === undefined ? [] : [lsdSource(local)]),
]

/**
 * Keeps the node running while `output$` does, so that it need not find its way anew from a search to a session. Who
 * looks on in `output$` comes first, and misses nothing of its start.
 */
export const keepRunning = <A>({ node }: Finders, output$: Observable<A>): Observable<A> =>
  node === undefined
    ? output$
    : new Observable((subscriber) => {
        subscriber.add(output$.subscribe(subscriber))
        if (subscriber.closed) return
        subscriber.add(
          node.state$.subscribe({
            error: (bug: unknown) => {
              subscriber.error(bug)
            },
          }),
        )
      })
