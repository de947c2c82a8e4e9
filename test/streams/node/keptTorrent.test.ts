import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../../src/codecs/bytes.js'
import { magnetOf } from '../../../src/codecs/magnet.js'
import { keepTorrent, keptTorrent } from '../../../src/streams/node/keptTorrent.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { tempDir } from '../../support/tempDir.js'

const { metainfo, bytes } = makeTorrent({ pieceLength: 16_384, files: 5 })
const magnet = magnetOf(metainfo)
const file = `${O.match(() => '', toHex)(metainfo.infohash.v1)}.torrent`

const load = (directory: string) => firstValueFrom(keptTorrent(directory, magnet))

describe('keptTorrent', () => {
  it('finds what keepTorrent kept, for its owner only', async () => {
    const directory = join(await tempDir(), 'made')
    expect(await load(directory)).toEqual(O.none)
    expect(await firstValueFrom(keepTorrent(directory, magnet, bytes))).toEqual(E.right(undefined))
    expect(await load(directory)).toEqual(O.some(metainfo))
    expect(await readdir(join(directory, '.rxtorrent'))).toEqual([file])
    expect((await stat(join(directory, '.rxtorrent', file))).mode & 0o777).toBe(0o600)
    expect(await firstValueFrom(keepTorrent(directory, magnet, bytes))).toEqual(E.right(undefined))
  })

  it('takes nothing else for it', async () => {
    const directory = await tempDir()
    const path = join(directory, '.rxtorrent', file)
    await mkdir(join(directory, '.rxtorrent'))
    const other = makeTorrent({ pieceLength: 16_384, files: 6 })
    for (const content of [other.bytes, Buffer.from('l-3:e'), Buffer.alloc(0), Buffer.alloc(20_000_000)]) {
      await writeFile(path, content)
      expect(await load(directory)).toEqual(O.none)
    }
  })

  it('follows no symlink, and answers with the code where it cannot write', async () => {
    const directory = await tempDir()
    const elsewhere = await tempDir()
    await writeFile(join(elsewhere, file), bytes)
    await symlink(elsewhere, join(directory, '.rxtorrent'))
    expect(await load(directory)).toEqual(O.none)
    expect(E.isLeft(await firstValueFrom(keepTorrent(directory, magnet, bytes)))).toBe(true)
    await writeFile(join(elsewhere, 'file'), '')
    await chmod(join(elsewhere, 'file'), 0o600)
    expect(E.isLeft(await firstValueFrom(keepTorrent(join(elsewhere, 'file'), magnet, bytes)))).toBe(true)
  })

  it('answers none, and a code, for a link without a hash', async () => {
    const nameless = { infohash: { v1: O.none, v2: O.none } }
    expect(await firstValueFrom(keptTorrent(await tempDir(), nameless))).toEqual(O.none)
  })
})
