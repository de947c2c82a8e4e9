import { expect, it } from 'vitest'
import { shortPieces } from '../../src/codecs/shortPieces.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'

it('names the pieces in which a file ends before they do', () => {
  const { files } = makeV2Torrent({ pieceLength: 32_768, files: [70_000, 32_768, 0, 5, 40_000] }).metainfo
  expect([...shortPieces(files, 32_768)]).toEqual([
    [2, 70_000 - 65_536],
    [4, 5],
    [6, 40_000 - 32_768],
  ])
})
