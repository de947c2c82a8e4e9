import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import { encodeReserved } from '../../../src/codecs/handshake.js'
import { hashesIn, hashTree } from '../../../src/codecs/hashTree.js'
import { magnetOf } from '../../../src/codecs/magnet.js'
import type { Metainfo } from '../../../src/codecs/metainfo.js'
import type { HashRange, WireMessage } from '../../../src/codecs/wire/message.js'
import { gatherLayers } from '../../../src/operators/metadata/layers.js'
import { createMetadataModel, type MetadataModel } from '../../../src/operators/metadata/model.js'
import { metadataTurn } from '../../../src/operators/metadata/turn.js'
import { makeV2Torrent } from '../../support/makeV2Torrent.js'

const spec = { pieceLength: 16_384, files: [40 * 16_384, 70_000] }
const whole = makeV2Torrent(spec).metainfo
const bare: Metainfo = makeV2Torrent({ ...spec, hasLayers: false }).metainfo
const trees = new Map(Array.from(whole.pieceLayers, ([root, layer]) => [root, hashTree(layer, 0)] as const))
const rightFor = (range: HashRange): Uint8Array => hashesIn(trees.get(toHex(range.root))!, range)!

interface Search {
  readonly model: MetadataModel
  readonly asked: ReadonlyArray<HashRange>
  readonly says: (message: WireMessage) => void
}

/** A search that has the metadata, and one peer, which was asked for both layers. */
const searching = (v2 = true): Search => {
  const config = {
    magnet: magnetOf(whole),
    peerId: new Uint8Array(20).fill(1),
    seed: 1,
    announceKey: 1,
    peers: [],
    hasSources: false,
  }
  const model = createMetadataModel(config, 0)
  model.layers = gatherLayers(bare)
  const asked: HashRange[] = []
  const feed = (event: Parameters<typeof metadataTurn>[1]): void => {
    for (const effect of metadataTurn(model, event).effects) {
      if (effect._tag !== 'Send') continue
      for (const message of effect.messages) if (message._tag === 'HashRequest') asked.push(message)
    }
  }
  feed({
    _tag: 'PeerConnected',
    at: 1,
    peer: 1,
    address: { host: '10.0.0.2', port: 6_881 },
    direction: 'incoming',
    peerId: new Uint8Array(20).fill(2),
    reserved: encodeReserved({ fast: true, extended: true, dht: false, v2 }),
  })
  return {
    model,
    asked,
    says: (message) => {
      feed({ _tag: 'PeerBatch', at: 2, peer: 1, messages: [message], wireBytes: 100 })
    },
  }
}

const bytesOf = ({ layers }: MetadataModel): ReadonlyArray<string> =>
  layers === undefined ? [] : [...layers.layers.values()].map(toHex)

describe('the exchange of hashes', () => {
  it('asks who speaks v2 for each part, and is over with the last of them', () => {
    const { model, asked, says } = searching()
    expect(asked.map(({ length, index }) => [length, index])).toEqual([
      [64, 0],
      [8, 0],
    ])
    for (const range of [...asked]) says({ ...range, _tag: 'Hashes', hashes: rightFor(range) })
    expect(model.outcome).toMatchObject({ _tag: 'Found', metainfo: { pieceLayers: whole.pieceLayers } })
  })

  it('asks nobody else', () => {
    expect(searching(false).asked).toEqual([])
  })

  test.prop([fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 50 })(
    'takes nothing of an answer with a wrong hash or uncle, and bans its sender (R42)',
    (which, place, change) => {
      const { model, asked, says } = searching()
      const range = asked[which % asked.length]!
      const hashes = rightFor(range)
      hashes[place % hashes.length]! ^= change
      const before = bytesOf(model)
      says({ ...range, _tag: 'Hashes', hashes })
      expect(bytesOf(model)).toEqual(before)
      expect(model).toMatchObject({ wrong: 1, outcome: undefined })
      expect(model.peers.size).toBe(0)
      expect(model.layers?.parts.every((part) => part.asked.size === 0)).toBe(true)
    },
  )

  it('takes nothing twice, and nothing that it did not ask for', () => {
    const { model, asked, says } = searching()
    const range = asked[0]!
    const answer: WireMessage = { ...range, _tag: 'Hashes', hashes: rightFor(range) }
    says(answer)
    const once = bytesOf(model)
    says(answer)
    says({ ...answer, index: 64 })
    says({ ...answer, root: new Uint8Array(32) })
    expect(bytesOf(model)).toEqual(once)
    expect(model.layers?.missing).toBe(1)
    expect(model.peers.get(1)?.nonsense).toBe(3)
  })

  it('asks others for what is refused, and this one after a while', () => {
    const { model, asked, says } = searching()
    says({ ...asked[0]!, _tag: 'HashReject' })
    expect(model.peers.get(1)).toMatchObject({ strikes: 1, restsUntil: 2 + 5_000 })
    expect(model.layers?.parts.every((part) => part.asked.size === 0)).toBe(true)
  })
})
