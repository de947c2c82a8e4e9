import * as E from '#fp/Either'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { chooseFiles, choiceOf, parseFileChoices } from '../../src/cli/fileChoice.js'
import type { Metainfo } from '../../src/index.js'

const pad = { isPad: true, isExecutable: false, isHidden: false }
const torrent = {
  files: [
    { path: ['show', 'readme.txt'], isPad: false },
    { path: ['show', '.pad', '3'], ...pad },
    { path: ['show', 'season 1', 'e01.mkv'], isPad: false },
    { path: ['show', 'season 1', 'e02.mkv'], isPad: false },
    { path: ['show', 'season 2', 'extras', 'e01.MKV'], isPad: false },
  ],
} as unknown as Metainfo

const chosen = (text: string): ReadonlyArray<number> =>
  chooseFiles(torrent, parseFileChoices(text) ?? []).isChosen.flatMap((is, index) => (is ? [index] : []))

describe('a choice of files', () => {
  it.each<[string, ReadonlyArray<number>]>([
    ['1', [0]],
    // Pad files have no number.
    ['2', [2]],
    ['2-3', [2, 3]],
    ['3-', [3, 4]],
    ['1,4', [0, 4]],
    ['*.mkv', [2, 3, 4]],
    ['e01.*', [2, 4]],
    ['season 1/*', [2, 3]],
    ['season*/*.mkv', [2, 3]],
    ['season*/**', [2, 3, 4]],
    ['**/e01.mkv', [2, 4]],
    ['show/*', [0]],
    ['e0?.mkv', [2, 3, 4]],
    ['**', [0, 2, 3, 4]],
    ['readme(1).txt', []],
    ['+', []],
  ])('%s', (text, files) => {
    expect(chosen(text)).toEqual(files)
  })

  it('says what chose nothing', () => {
    const choices = parseFileChoices('1,9,5-,*.avi') ?? []
    expect(chooseFiles(torrent, choices).futile).toEqual(['9', '5-', '*.avi'])
  })

  test.prop([fc.array(fc.boolean(), { minLength: 5, maxLength: 5 })])(
    'can be made of the files that it is to mean',
    (picked) => {
      const isChosen = picked.map((is, index) => is && index !== 1)
      const text = choiceOf(torrent, isChosen)
      expect(text === '').toBe(!isChosen.includes(true))
      expect(chosen(text)).toEqual(isChosen.flatMap((is, index) => (is ? [index] : [])))
    },
  )

  it('is made of ranges', () => {
    expect(choiceOf(torrent, [true, true, true, false, true])).toBe('1-2,4')
  })

  test.prop([fc.string()])('reads any text, or refuses it', (text) => {
    const read = E.tryCatch(
      () => chooseFiles(torrent, parseFileChoices(text) ?? []),
      (error) => error,
    )
    expect(read._tag).toBe('Right')
  })
})
