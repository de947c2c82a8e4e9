import { it } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { describeTransfer, transfer } from './support/transfer.js'

// the clients among themselves: when this fails, the harness is broken, not the client under test
for (const client of [aria2, transmission]) {
  describeTransfer(libtorrent, client, () => {
    it.concurrent('completes with the same bytes', async (test) => {
      await transfer(test, libtorrent, client)
    })

    it.concurrent('and so does the way back', async (test) => {
      await transfer(test, client, libtorrent)
    })
  })
}
