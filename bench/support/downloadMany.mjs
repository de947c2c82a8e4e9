/**
 * Downloads all torrents of a folder with one client, each from the same peer, and ends when everything is there.
 *
 * usage: node downloadMany.mjs TORRENTS FOLDER PEER
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { forkJoin, lastValueFrom, mergeMap, take } from 'rxjs'

/** @typedef {typeof import('../../src/index.js')} Library */

// what a user gets, from its few files
const entry = new URL('../../dist/node/index.js', import.meta.url).href
const { client } = /** @type {Library} */ (await import(entry))

const [torrents = '', directory = '', peer = ''] = process.argv.slice(2)
const at = peer.lastIndexOf(':')
const peers = [{ host: peer.slice(0, at), port: Number(peer.slice(at + 1)) }]

const many = client({ directory })
const downloads = readdirSync(torrents).map((name) =>
  many.add(join(torrents, name), { peers }).pipe(
    mergeMap((added) => {
      if (added._tag === 'Left') throw new Error(`${name}: ${added.left._tag}`)
      return added.right.session.complete$
    }),
    take(1),
  ),
)
await lastValueFrom(forkJoin(downloads))
await lastValueFrom(many.stop(), { defaultValue: undefined })
