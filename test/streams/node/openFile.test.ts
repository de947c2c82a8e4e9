import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createFolders } from '../../../src/streams/node/folders.js'
import { openFile } from '../../../src/streams/node/openFile.js'
import { openFilesBelow } from '../../support/openFilesBelow.js'
import { tempDir } from '../../support/tempDir.js'

const file = { path: ['a'], length: 1, offset: 0, isPad: false, isExecutable: false, symlink: undefined }

describe.skipIf(process.platform !== 'linux')('openFile', () => {
  it('leaves no file open that nobody waits for any more', async () => {
    const root = await tempDir()
    await writeFile(join(root, 'a'), 'x')
    const folders = createFolders(root)
    // Known from now on: the next one is opened on the spot.
    await firstValueFrom(folders.check(file.path, false))
    openFile(folders, file, 'read').subscribe().unsubscribe()
    await setTimeout(100)
    expect(openFilesBelow(root)).toEqual([])
  })
})
