import { it } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { KiB, MiB } from './support/swarm.js'
import { describeTransfer, transfer } from './support/transfer.js'

const pieceLengths = [16 * KiB, 256 * KiB, 4 * MiB]

for (const client of [libtorrent, aria2, transmission]) {
  for (const [seeder, leecher] of [
    [client, rxtorrent],
    [rxtorrent, client],
  ] as const) {
    describeTransfer(seeder, leecher, () => {
      it.concurrent.for(pieceLengths)('in pieces of %i bytes', async (pieceLength, test) => {
        await transfer(test, seeder, leecher, { pieceLength })
      })
    })
  }
}

describeTransfer(libtorrent, rxtorrent, () => {
  it('of a hybrid torrent, with pad files', async (test) => {
    await transfer(test, libtorrent, rxtorrent, { isHybrid: true })
  })
})
