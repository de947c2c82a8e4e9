import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createFolders } from '../../../../src/streams/node/folders.js'
import { readJournal, writeJournal } from '../../../../src/streams/node/storage/moveJournal.js'
import { tempDir } from '../../../support/tempDir.js'
import { watchSyncs } from '../../../support/watchSyncs.js'

describe('the journal of a move', () => {
  it('has the device know of the folder that it is in, whoever made that', async () => {
    const root = await tempDir()
    await mkdir(join(root, '.rxtorrent'))
    const tree = { folders: createFolders(root) }
    const inRoot = watchSyncs(root)
    const journal = { to: '/elsewhere', sizes: [1, -1] }
    expect(await firstValueFrom(writeJournal(tree, 'id', journal))).toEqual(E.right(undefined))
    expect(inRoot()).toBe(true)
    expect(await firstValueFrom(readJournal(tree, 'id', '/elsewhere'))).toEqual(E.right(journal))
  })
})
