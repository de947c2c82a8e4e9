import { it } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import type { Client, Encryption } from './support/clients/client.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { KiB } from './support/swarm.js'
import { describeTransfer, transfer } from './support/transfer.js'

/** The client, with nothing but that. */
const only = (client: Client, encryption: Encryption): Client => ({
  ...client,
  name: `${client.name} (${encryption})`,
  seed: (job) => client.seed({ ...job, encryption }),
  download: (job) => client.download({ ...job, encryption }),
})

const ours = (policy: string): Client => {
  const options = ['--encryption', policy]
  return {
    ...rxtorrent,
    name: `rxtorrent (${policy})`,
    seed: (job) => rxtorrent.seed({ ...job, options }),
    download: (job) => rxtorrent.download({ ...job, options }),
  }
}

/**
 * The seeder is there first, so it is the one that is dialled: each side dials once. Who insists on encryption would talk
 * to nobody without it.
 */
const bothWays = (theirs: Client, own: Client): void => {
  describeTransfer(theirs, own, () => {
    it.concurrent('completes with the same bytes', async (test) => {
      await transfer(test, theirs, own, { pieceLength: 64 * KiB })
    })

    it.concurrent('and so does the way back', async (test) => {
      await transfer(test, own, theirs, { pieceLength: 64 * KiB })
    })
  })
}

for (const policy of ['allowed', 'required']) {
  for (const client of [libtorrent, aria2, transmission]) bothWays(only(client, 'rc4'), ours(policy))
}
for (const client of [libtorrent, aria2]) bothWays(only(client, 'header'), ours('allowed'))
bothWays(only(libtorrent, 'rc4'), ours('preferred'))
bothWays(only(libtorrent, 'none'), ours('preferred'))

for (const policy of ['allowed', 'required']) {
  const [theirs, own] = [only(libtorrent, 'rc4'), ours(policy)]
  describeTransfer(theirs, own, () => {
    it('completes a magnet link', async (test) => {
      await transfer(test, theirs, own, { pieceLength: 64 * KiB }, 'link')
    })
  })
}
