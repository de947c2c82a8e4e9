import { describe, expect, it } from 'vitest'
import { findersFor, sourcesOf, type Finders } from '../../src/cli/finders.js'
import { dht, lsd } from '../../src/index.js'
import { makeTorrent } from '../support/makeTorrent.js'

const torrentThatIs = (isPrivate: boolean): Parameters<typeof findersFor>[1] =>
  makeTorrent({ pieceLength: 16_384, files: 5, isPrivate }).metainfo

describe('findersFor', () => {
  const finders: Finders = { node: dht(), local: lsd() }

  it('leaves a public torrent all of them', () => {
    expect(findersFor(finders, torrentThatIs(false))).toBe(finders)
  })

  it('leaves a private torrent none, whatever they are', () => {
    expect(sourcesOf(findersFor(finders, torrentThatIs(true)))).toEqual([])
  })
})

describe('sourcesOf', () => {
  it('are the DHT and local discovery, as far as they are wanted', () => {
    const names = (finders: Finders): ReadonlyArray<string> => sourcesOf(finders).map(({ name }) => name)
    expect(names({ node: dht(), local: lsd() })).toEqual(['dht', 'lsd'])
    expect(names({ node: undefined, local: lsd() })).toEqual(['lsd'])
    expect(names({ node: undefined, local: undefined })).toEqual([])
  })
})
