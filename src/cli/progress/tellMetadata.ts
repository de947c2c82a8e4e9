import {
  connect,
  distinctUntilChanged,
  filter,
  map,
  merge,
  of,
  sampleTime,
  take,
  throttleTime,
  type Observable,
  type OperatorFunction,
} from 'rxjs'
import * as O from '#fp/Option'
import { metadataReasonText, type Metainfo, type MetadataProgress, type MetadataState } from '../../index.js'
import { formatBytes } from '../format/bytes.js'
import { formatCount } from '../format/count.js'
import { jsonLine, plainText } from '../format/plainText.js'
import { data, live, say, type Output } from '../output.js'
import type { World } from '../world.js'

const JSON_MS = 1_000
const PLAIN_MS = 5_000

/** How a search for metadata goes, in the forms of a session's progress. */
export const tellMetadata = (
  json: boolean,
  { isLive }: Pick<World, 'isLive'>,
): OperatorFunction<MetadataState, Output> =>
  connect((state$) => {
    const progress$ = state$.pipe(
      filter(({ _tag }) => _tag === 'Fetching'),
      map(({ progress }) => progress),
    )
    if (json) {
      return merge(progress$.pipe(take(1)), progress$.pipe(sampleTime(JSON_MS))).pipe(
        distinctUntilChanged(),
        map((progress) => data(jsonLine(metadataEvent(progress)))),
      )
    }
    const text$ = progress$.pipe(map(metadataText))
    return isLive
      ? text$.pipe(map((text) => live([text])))
      : merge(
          // Why nothing moves, as soon as it is known; how far it is, now and then.
          progress$.pipe(
            filter(({ why }) => why.length > 0),
            map(metadataText),
            throttleTime(PLAIN_MS),
          ),
          text$.pipe(sampleTime(PLAIN_MS)),
        ).pipe(distinctUntilChanged(), map(say))
  })

/** `metadata 32.0 KiB of 80.0 KiB from 3 peers`, or why there is none. */
export const metadataText = ({ size, haveBytes, peers, why }: MetadataProgress): string => {
  const holders = peers.filter((peer) => O.isSome(peer.size)).length
  const reasons = why.map(metadataReasonText).join('; ')
  if (O.isNone(size)) return reasons === '' ? 'looking for metadata' : `looking for metadata: ${reasons}`
  const progress = `metadata ${formatBytes(haveBytes)} of ${formatBytes(size.value)} from ${formatCount(holders, 'peer')}`
  return reasons === '' ? progress : `${progress}: ${reasons}`
}

const metadataEvent = ({ size, haveBytes, peers, candidates, wrong, why }: MetadataProgress): object => ({
  event: 'metadata',
  size: O.toNullable(size),
  haveBytes,
  peers: peers.length,
  candidates,
  wrong,
  why: why.map(({ _tag }) => _tag),
})

/** The metadata is there. */
export const fetchedOutput = ({ name, info }: Metainfo, json: boolean): Observable<Output> =>
  of(
    json
      ? data(jsonLine({ event: 'metadataFetched', name, bytes: info.length }))
      : say(`metadata of ${plainText(name)}: ${formatBytes(info.length)}`),
  )
