/**
 * A seeder of zeros, for who measures a download.
 *
 * usage: forked; argument: the number of pieces; tells its port
 */
import { filter, firstValueFrom } from 'rxjs'
import { load } from '../../kernels/kernel.mjs'
import { zerosDisk, zerosTorrent } from './zeros.mjs'

const { session } = /** @type {typeof import('../../../src/index.js')} */ (await load('index.js'))
const torrent = session(zerosTorrent(Number(process.argv[2])), {
  directory: 'nowhere',
  deps: { openStorage: zerosDisk(true) },
  resume: false,
  announce: false,
})
/** @param {unknown} thrown */
const rethrow = (thrown) => {
  throw thrown
}
torrent.state$.subscribe({ error: rethrow })
const { port } = await firstValueFrom(
  torrent.state$.pipe(filter((state) => state.phase === 'seeding' && state.port._tag === 'Some')),
)
if (port._tag === 'Some') process.send?.(port.value)
process.on('disconnect', () => process.exit())
