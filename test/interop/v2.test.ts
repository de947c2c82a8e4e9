import { it } from 'vitest'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { KiB, MiB } from './support/swarm.js'
import { describeTransfer, transfer } from './support/transfer.js'

const pieceLengths = [16 * KiB, 64 * KiB, 4 * MiB]

for (const [seeder, leecher] of [
  [libtorrent, rxtorrent],
  [rxtorrent, libtorrent],
] as const) {
  describeTransfer(seeder, leecher, () => {
    it.for(pieceLengths)('of a v2 torrent, in pieces of %i bytes', async (pieceLength, test) => {
      await transfer(test, seeder, leecher, { isV2: true, pieceLength })
    })

    it('of a v2 torrent, by a link with its hash', async (test) => {
      await transfer(test, seeder, leecher, { isV2: true, pieceLength: 16 * KiB }, 'link')
    })

    it('of a hybrid torrent', async (test) => {
      await transfer(test, seeder, leecher, { isHybrid: true, pieceLength: 64 * KiB })
    })
  })
}
