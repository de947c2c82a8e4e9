import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { type Magnet, magnetOf } from '../../../src/codecs/magnet.js'
import type { MetadataEvent } from '../../../src/operators/metadata/event.js'
import type { MetadataConfig } from '../../../src/operators/metadata/model.js'
import { replayMetadata } from '../../../src/operators/metadata/replay.js'
import type { MetadataState } from '../../../src/operators/metadata/state.js'
import { metadataConfig } from '../../../src/streams/metadata/fetchMetadata.js'
import { metadataLoop } from '../../../src/streams/metadata/metadataLoop.js'
import { createVirtualWorld } from '../../../src/streams/virtual/world.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { giving, metadataPeer, poisoning } from '../../support/metadataPeer.js'
import { rethrow } from '../../support/rethrow.js'

const { metainfo } = makeTorrent({ pieceLength: 16_384, files: 3_000 * 16_384 })
const { info } = metainfo
const infohash = O.getOrElse((): Uint8Array => new Uint8Array(0))(metainfo.infohash.v1)

interface Story {
  readonly config: MetadataConfig
  readonly log: ReadonlyArray<MetadataEvent>
  readonly states: ReadonlyArray<MetadataState>
  /** How many events had come when each was shown. */
  readonly after: ReadonlyArray<number>
}

const live = (seed: number): Story => {
  const world = createVirtualWorld({ seed, network: { latencyMs: 20, jitterMs: 10, link: { up: 500_000 } } })
  const all = new Subscription()
  const doings = [poisoning(info), giving(info), undefined, poisoning(info)]
  const peers = doings.map((answer, i) => {
    const size = info.length
    const host = `10.0.1.${String(i)}`
    const peer = metadataPeer(world, { infohash, host, size, ...(answer === undefined ? {} : { answer }) })
    all.add(peer.subscription)
    return peer.address
  })
  const magnet: Magnet = { ...magnetOf(metainfo), peers, trackers: ['http://tracker.test/announce'] }
  const { deps } = world.host('10.0.0.1')
  const config = metadataConfig(magnet, deps, {})
  const log: MetadataEvent[] = []
  const states: MetadataState[] = []
  const after: number[] = []
  all.add(
    metadataLoop(deps, { config, port: 0, sources: [], encryption: 'allowed', isRecorded: true }).subscribe({
      next: (output) => {
        if (output._tag === 'Event') log.push(output.event)
        else {
          states.push(output.state)
          after.push(log.length)
        }
      },
      error: rethrow,
    }),
  )
  world.clock.advanceBy(60_000)
  all.unsubscribe()
  return { config, log, states, after }
}

describe('a search that was recorded', () => {
  it('is the same again from its log, state by state', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { config, log, states, after } = live(seed)
      const replayed = [...replayMetadata(config, log)].map(({ state }) => state)
      states.forEach((state, i) => {
        expect(replayed[after[i]! - 1], `seed ${String(seed)}`).toEqual(state)
      })
      expect(states.at(-1)?._tag).toBe('Fetched')
    }
  })

  it('has the same effects each time, and the same story by the same seed', () => {
    const [first, second] = [live(7), live(7)]
    expect(second.log).toEqual(first.log)
    const effects = (story: Story): unknown =>
      [...replayMetadata(story.config, story.log)].map((turn) => turn.effects)
    expect(effects(first)).toEqual(effects(first))
    expect(effects(second)).toEqual(effects(first))
  })

  it('shows states that nothing changes any more', () => {
    const { states } = live(3)
    expect(() => structuredClone(states)).not.toThrow()
    const seen = states.map((state) => JSON.stringify(state))
    live(3)
    expect(states.map((state) => JSON.stringify(state))).toEqual(seen)
  })
})
