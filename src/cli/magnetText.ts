import * as O from '#fp/Option'
import { showAddress, type FileRange, type Magnet } from '../index.js'
import { plainText } from './format/plainText.js'
import { factLines, hex, hexOrNull, optional, type Row } from './infoText.js'
import type { Paint } from './world.js'

/** What a magnet link says, as a program reads it (`info --json`). */
export const magnetObject = ({ infohash, name, trackers, webSeeds, peers, select }: Magnet): object => ({
  name: O.toNullable(name),
  infoHash: { v1: hexOrNull(infohash.v1), v2: hexOrNull(infohash.v2) },
  trackers: trackers.map((url) => [url]),
  webSeeds,
  peers: peers.map(showAddress),
  select,
})

/** What a magnet link says, for people. Safe to print. */
export const magnetText = (magnet: Magnet, paint: Paint): string => {
  const { infohash, name, trackers, webSeeds, peers, select } = magnet
  return [
    paint('bold', O.match(() => 'a magnet link without a name', plainText)(name)),
    ...factLines(
      [
        ...optional('infohash v1', O.map(hex)(infohash.v1)),
        ...optional('infohash v2', O.map(hex)(infohash.v2)),
        ...trackers.map((url, index): Row => [`tracker ${String(index + 1)}`, plainText(url)]),
        ...webSeeds.map((url): Row => ['web seed', plainText(url)]),
        ...peers.map((peer): Row => ['peer', showAddress(peer)]),
        ...(select.length === 0 ? [] : [['files', select.map(rangeText).join(',')] as const]),
      ],
      paint,
    ),
  ].join('\n')
}

/** Counted from 1, as `info` and `--select` do where there are no pad files. */
const rangeText = ({ first, last }: FileRange): string =>
  first === last ? String(first + 1) : `${String(first + 1)}-${String(last + 1)}`
