import { lastValueFrom, takeWhile, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { fromHex, fromLatin1, toHex } from '../../src/codecs/bytes.js'
import { signItem } from '../../src/codecs/dhtItem.js'
import type { PeerAddress } from '../../src/codecs/peerAddress.js'
import { nodeRandom } from '../../src/streams/node/random.js'
import { ownNetwork, ownNode, type OwnNode } from './support/dhtNodes.js'
import { expandedKey } from './support/expandedKey.js'
import { openLab, type Lab } from './support/lab.js'
import { libtorrentDht, type LibtorrentDht } from './support/libtorrentDht.js'
import { describeWith } from './support/requirements.js'

const addressesOf = (nodes: ReadonlyArray<OwnNode>): ReadonlyArray<PeerAddress> =>
  nodes.map(({ address }) => address)

const libtorrentAmong = (lab: Lab, nodes: ReadonlyArray<OwnNode>, count: number): Promise<LibtorrentDht> =>
  libtorrentDht(lab, {
    addresses: Array.from({ length: count }, (_, i) => `127.0.6.${String(i + 1)}`),
    bootstrap: addressesOf(nodes).slice(0, 4),
  })

const announce = (node: OwnNode, infohash: Uint8Array, port: number): Promise<unknown> =>
  lastValueFrom(node.dht.announce(infohash, port), { defaultValue: undefined })

/** Queries that a node sends until it first hears of the peer. */
const queriesUntil = async (node: OwnNode, infohash: Uint8Array, peer: PeerAddress): Promise<number> => {
  const before = node.queriesSent()
  const isIt = ({ host, port }: PeerAddress): boolean => host === peer.host && port === peer.port
  const found = await lastValueFrom(
    node.dht.lookup(infohash).pipe(
      takeWhile((candidate) => !isIt(candidate), true),
      toArray(),
    ),
  )
  expect(found).toContainEqual(peer)
  return node.queriesSent() - before
}

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Infinity

describeWith(['libtorrent'], '200 nodes of ours and 8 of libtorrent', () => {
  it('find a peer in 20 queries or fewer as a rule', async (test) => {
    const lab = openLab(test)
    const nodes = await ownNetwork(lab, 200)
    const foreign = await libtorrentAmong(lab, nodes, 8)
    const counts: number[] = []
    for (let round = 0; round < 30; round++) {
      const infohash = nodeRandom.bytes(20)
      const announcer = nodes[(7 * round + 1) % 200]!
      await announce(announcer, infohash, 7_000)
      const peer = { host: announcer.address.host, port: 7_000 }
      counts.push(await queriesUntil(nodes[(31 * round + 3) % 200]!, infohash, peer))
    }
    console.info(`queries until the peer was found: median ${String(median(counts))} of ${counts.join(' ')}`)
    expect(median(counts)).toBeLessThanOrEqual(20)

    const ours = nodeRandom.bytes(20)
    await announce(nodes[5]!, ours, 7_001)
    const answer = await foreign.ask({ do: 'peers', infohash: toHex(ours) }, 'peers')
    expect(answer['peers']).toContainEqual([nodes[5]!.address.host, 7_001])
  })
})

describeWith(['libtorrent'], 'what the DHT stores', () => {
  it('comes from libtorrent to us and from us to libtorrent', async (test) => {
    const lab = openLab(test)
    const nodes = await ownNetwork(lab, 20)
    const foreign = await libtorrentAmong(lab, nodes, 4)
    const [putter, getter] = [nodes[3]!, nodes[11]!]

    const stored = await lastValueFrom(putter.dht.put({ _tag: 'ImmutableItem', v: fromLatin1('5:hello') }))
    expect(stored.stored).toBeGreaterThan(0)
    const item = await foreign.ask({ do: 'get', target: toHex(stored.target) }, 'item')
    expect(item['value']).toContain('hello')

    const put = foreign.ask({ do: 'put', value: 'from afar' }, 'stored')
    const { target } = await foreign.ask({ do: 'put', value: 'from afar' }, 'target')
    await put
    expect(await lastValueFrom(getter.dht.get(fromHex(String(target)) ?? new Uint8Array()))).toMatchObject({
      v: fromLatin1('9:from afar'),
    })
  })

  it('is replaced by who has the key, from either side', async (test) => {
    const lab = openLab(test)
    const nodes = await ownNetwork(lab, 20)
    const foreign = await libtorrentAmong(lab, nodes, 4)
    const seed = nodeRandom.bytes(32)
    const salt = fromLatin1('blog')
    const mine = signItem({ seed, salt, seq: 1, v: fromLatin1('5:first') })
    expect((await lastValueFrom(nodes[2]!.dht.put(mine))).stored).toBeGreaterThan(0)

    const key = toHex(mine.k)
    const theirs = await foreign.ask({ do: 'getMutable', key, salt: 'blog' }, 'mutableItem')
    expect(theirs).toMatchObject({ seq: 1, key })

    const secret = toHex(expandedKey(seed))
    await foreign.ask({ do: 'putMutable', secret, key, salt: 'blog', value: 'second' }, 'stored')
    expect(await lastValueFrom(nodes[7]!.dht.get({ publicKey: mine.k, salt }))).toMatchObject({
      seq: 2,
      v: fromLatin1('6:second'),
    })
  })
})

describeWith(['libtorrent'], 'the size of a swarm (BEP 33)', () => {
  it('is kept by libtorrent nodes, who tell seeds from peers', async (test) => {
    const lab = openLab(test)
    const foreign = await libtorrentDht(lab, {
      addresses: Array.from({ length: 4 }, (_, i) => `127.0.6.${String(i + 1)}`),
    })
    // Nodes that answer nobody: what is counted is in the others.
    const ours = await Promise.all(
      ['127.0.7.1', '127.0.7.2', '127.0.7.3', '127.0.7.4'].map((host) =>
        ownNode(lab, host, foreign.nodes, { readOnly: true }),
      ),
    )
    const infohash = nodeRandom.bytes(20)
    for (const [i, { dht }] of ours.slice(0, 3).entries()) {
      await lastValueFrom(dht.announce(infohash, 7_000, { seed: i < 2 }), { defaultValue: undefined })
    }
    const scraped = await lastValueFrom(ours[3]!.dht.scrape(infohash))
    expect(scraped).toMatchObject({ seeds: 2, peers: 1 })
  })
})
