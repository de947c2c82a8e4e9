import { describe, expect, it } from 'vitest'
import { checkedFixture } from '../../support/checkedFixture.js'

describe('the port of our DHT node', () => {
  it('is told to peers that know the DHT, those that are there and those that come', () => {
    const fixture = checkedFixture()
    const early = fixture.peer({ dht: true })
    const other = fixture.peer({ dht: false })
    fixture.command({ _tag: 'SetDhtPort', port: 7_000 })
    const late = fixture.peer({ dht: true })
    expect([early, other, late].map(({ toldOf }) => toldOf('Port').map(({ port }) => port))).toEqual([
      [7_000],
      [],
      [7_000],
    ])
  })

  it('is told once, and again when it changes', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ dht: true })
    for (const port of [7_000, 7_000, 0, 7_001]) fixture.command({ _tag: 'SetDhtPort', port })
    expect(peer.toldOf('Port').map(({ port }) => port)).toEqual([7_000, 7_001])
  })

  it('is refused where it is none', () => {
    const fixture = checkedFixture()
    fixture.command({ _tag: 'SetDhtPort', port: 65_536 })
    expect(fixture.noticesOf('CommandRefused')).toMatchObject([{ why: '65536 is not a port' }])
  })
})

describe('a DHT node without a port', () => {
  it('is told of, each time that the session hears so', () => {
    const fixture = checkedFixture()
    fixture.command({ _tag: 'ReportDhtFailure', family: 6, code: 'EADDRINUSE' })
    expect(fixture.noticesOf('DhtUnavailable')).toMatchObject([{ family: 6, code: 'EADDRINUSE' }])
  })
})

describe("a peer's DHT node", () => {
  it('is passed on, the first that it tells', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ host: '192.0.2.9' })
    peer.says({ _tag: 'Port', port: 0 }, { _tag: 'Port', port: 1 }, { _tag: 'Port', port: 2 })
    expect(fixture.effectsOf('AddDhtNode').map(({ address }) => address)).toEqual([
      { host: '192.0.2.9', port: 1 },
    ])
    expect(peer.closedFor()).toBeUndefined()
  })
})
