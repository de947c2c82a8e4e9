import { Observable } from 'rxjs'
import { type Dht, dhtSource, type Lsd, lsdSource, type Metainfo, type PeerSource } from '../index.js'

/** Where peers are looked for besides the trackers: the same for a link's metadata and for the torrent behind it. */
export interface Finders {
  readonly node: Dht | undefined
  readonly local: Lsd | undefined
}

export const NO_FINDERS: Finders = { node: undefined, local: undefined }

/** Those that may hear of the torrent: none of a private one (BEP 27). */
export const findersFor = (finders: Finders, { isPrivate }: Metainfo): Finders =>
  isPrivate ? NO_FINDERS : finders

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
