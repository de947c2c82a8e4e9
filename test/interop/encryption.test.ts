import { it, type TestContext } from 'vitest'
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

/** The seeder is there first, so it is dialled; whoever insists on encryption would talk to nobody without. */
const bothWays = (theirs: Client, own: Client): void => {
  for (const [seeder, leecher] of [
    [theirs, own],
    [own, theirs],
  ] as const) {
    describeTransfer(seeder, leecher, () => {
      it('completes with the same bytes', async (test: TestContext) => {
        await transfer(test, seeder, leecher, { pieceLength: 64 * KiB })
      })
    })
  }
}

for (const policy of ['allowed', 'preferred', 'required']) {
  for (const client of [libtorrent, aria2, transmission]) bothWays(only(client, 'rc4'), ours(policy))
}
for (const policy of ['allowed', 'preferred']) {
  for (const client of [libtorrent, aria2]) bothWays(only(client, 'header'), ours(policy))
}
for (const policy of ['preferred', 'required']) bothWays(transmission, ours(policy))
for (const policy of ['allowed', 'preferred', 'disabled']) bothWays(only(libtorrent, 'none'), ours(policy))
