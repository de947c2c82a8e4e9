import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { BencodeInput } from '../bencode.js'
import { encodeBencode, rawBencode } from '../bencode.js'
import { fromHex, toLatin1 } from '../bytes.js'
import type { Metainfo } from '../metainfoModel.js'

/**
 * Writes a .torrent file. `info` goes in as it is, so the infohash stays; around it stands what `Metainfo` knows, in
 * canonical order, and nothing else. Decoding and encoding gives the same bytes for what `makeMetainfo` made.
 */
export const encodeMetainfo = (metainfo: Metainfo): Uint8Array => {
  const { trackers, nodes, pieceLayers } = metainfo
  const root = new Map<string, BencodeInput>([['info', rawBencode(metainfo.info)]])
  const first = trackers[0]?.[0]
  if (first !== undefined) root.set('announce', first)
  if (trackers.flat().length > 1) root.set('announce-list', trackers)
  setSome(root, 'comment', metainfo.comment)
  setSome(root, 'created by', metainfo.createdBy)
  setSome(root, 'creation date', metainfo.creationDate)
  setList(root, 'httpseeds', metainfo.httpSeeds)
  setList(
    root,
    'nodes',
    nodes.map(({ host, port }) => [host, port]),
  )
  setList(root, 'url-list', metainfo.webSeeds)
  if (pieceLayers.size > 0) {
    const layers = [...pieceLayers].map(([hex, layer]) => [toLatin1(fromHex(hex) ?? NOTHING), layer] as const)
    root.set('piece layers', new Map(layers))
  }
  return E.getOrElse((): Uint8Array => {
    throw new RangeError('a Metainfo with a fraction or an unsafe integer')
  })(encodeBencode(root))
}

const setSome = (root: Map<string, BencodeInput>, key: string, value: Option<BencodeInput>): void => {
  if (O.isSome(value)) root.set(key, value.value)
}

const setList = (root: Map<string, BencodeInput>, key: string, items: ReadonlyArray<BencodeInput>): void => {
  if (items.length > 0) root.set(key, items)
}

const NOTHING = new Uint8Array(0)
