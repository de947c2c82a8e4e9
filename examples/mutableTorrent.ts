/**
 * Follows a publisher (BEP 46): whoever knows his public key gets what he says is his torrent at present, and the next one
 * when he says another. No tracker, no link, no address: a stream of infohashes from the DHT, `switchMap` to the torrent's
 * metadata, `switchMap` to its session.
 *
 * Runs on real sockets of this machine: a DHT of three nodes, of the publisher, of the follower and of somebody else.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  repeat,
  type Observable,
  Subscription,
  switchMap,
  take,
  tap,
  timeout,
} from 'rxjs'
import {
  client,
  createTorrent,
  decodeMagnet,
  decodeMetainfo,
  type Dht,
  dht,
  dhtSource,
  fetchMetainfo,
  type Metainfo,
  type PeerAddress,
  publicKeyOf,
  session,
  signItem,
} from 'rxtorrent'
import { encodeTorrentValue } from 'rxtorrent/codecs'

const folder = await mkdtemp(join(tmpdir(), 'rxtorrent-'))
const running = new Subscription()
const rethrow = (thrown: unknown): void => {
  throw thrown
}

/** A node of a DHT on this machine alone, which enters it at `bootstrap`; and its address. */
const startNode = async (
  host: string,
  bootstrap: ReadonlyArray<PeerAddress>,
): Promise<readonly [Dht, PeerAddress]> => {
  const node = dht({ addresses: [{ family: 4, port: 0, host }], bootstrap })
  running.add(node.state$.subscribe({ error: rethrow }))
  return [node, { host, port: await firstValueFrom(node.port$) }]
}

const makeIssue = async (number: number): Promise<Metainfo> => {
  const path = join(folder, `issue ${String(number)}.txt`)
  await writeFile(path, `All the news of day ${String(number)}.\n`.repeat(10_000))
  const made = await lastValueFrom(createTorrent({ path }))
  if (made._tag === 'Left') throw new Error(JSON.stringify(made.left))
  if (made.right._tag !== 'Created') throw new Error('the file was not read to its end')
  const decoded = decodeMetainfo(made.right.torrent)
  if (decoded._tag === 'Left') throw new Error(JSON.stringify(decoded.left))
  return decoded.right
}

/** Downloads whatever has this infohash, found by the DHT alone; emits its name when it is there. */
const download = (infohash: Uint8Array, node: Dht, directory: string): Observable<string> => {
  const link = decodeMagnet(`magnet:?xt=urn:btih:${Buffer.from(infohash).toString('hex')}`)
  if (link._tag === 'Left') throw new Error(JSON.stringify(link.left))
  return fetchMetainfo(link.right, { sources: [dhtSource(node)] }).pipe(
    filter((state) => state._tag === 'Fetched'),
    switchMap(({ metainfo, peers }) =>
      session(metainfo, { directory, peers, dht: node }).complete$.pipe(map(() => metainfo.name)),
    ),
  )
}

try {
  const [, hub] = await startNode('127.0.0.1', [])
  const [publisher] = await startNode('127.0.0.1', [hub])
  const [follower] = await startNode('127.0.0.1', [hub])

  const shop = client({ directory: folder, dht: publisher })
  const key = randomBytes(32)
  const publish = async (number: number): Promise<void> => {
    const metainfo = await makeIssue(number)
    const added = await firstValueFrom(shop.add(metainfo))
    if (added._tag === 'Left') throw new Error(added.left._tag)
    await firstValueFrom(added.right.session.complete$)
    const infohash = metainfo.infohash.v1
    if (infohash._tag === 'None') throw new Error('no v1 infohash')
    // Until the DHT knows who has it.
    await firstValueFrom(publisher.lookup(infohash.value).pipe(repeat({ delay: 3_000 })))
    const v = encodeTorrentValue(infohash.value)
    await firstValueFrom(publisher.put(signItem({ seed: key, seq: number, v })))
    console.log(`published issue ${String(number)}`)
  }

  const read = await mkdtemp(join(folder, 'read-'))
  await publish(1)
  const name$ = follower.mutableTorrent(publicKeyOf(key), undefined, { everyMs: 3_000 }).pipe(
    switchMap((infohash) => download(infohash, follower, read)),
    tap((name) => {
      console.log(`read ${name}`)
      // The first has been read: time for the second.
      if (name === 'issue 1.txt') void publish(2)
    }),
    take(2),
    timeout(60_000),
  )
  const last = await lastValueFrom(name$)
  await lastValueFrom(shop.stop(), { defaultValue: undefined })
  if (last !== 'issue 2.txt') throw new Error(`read ${last} last`)
  for (const name of ['issue 1.txt', last]) {
    const [ours, his] = await Promise.all([readFile(join(read, name)), readFile(join(folder, name))])
    if (!ours.equals(his)) throw new Error(`${name} is not what was published`)
  }
} finally {
  running.unsubscribe()
  await rm(folder, { recursive: true })
}
