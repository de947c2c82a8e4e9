import { expect, it } from 'vitest'
import { hasPieceHashes, missingLayers } from '../../src/codecs/missingLayers.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'

const spec = { pieceLength: 16_384, files: [5, 16_384, 16_385, 70_000] }

it('missingLayers are those of files longer than a piece', () => {
  const bare = makeV2Torrent({ ...spec, hasLayers: false })
  expect(missingLayers(bare.metainfo).map(({ pieceCount }) => pieceCount)).toEqual([2, 5])
  expect(missingLayers(makeV2Torrent(spec).metainfo)).toEqual([])
})

it('hasPieceHashes is false for a v2-only torrent without them alone', () => {
  expect(hasPieceHashes(makeV2Torrent({ ...spec, hasLayers: false }).metainfo)).toBe(false)
  expect(hasPieceHashes(makeV2Torrent(spec).metainfo)).toBe(true)
  expect(hasPieceHashes(makeV2Torrent({ ...spec, files: [5], hasLayers: false }).metainfo)).toBe(true)
  expect(hasPieceHashes(makeV2Torrent({ ...spec, isHybrid: true, hasLayers: false }).metainfo)).toBe(true)
  expect(hasPieceHashes(makeTorrent(spec).metainfo)).toBe(true)
})
