import { describe, expect, it } from 'vitest'
import { checkedFixture } from '../../support/checkedFixture.js'
import { toldHandshakes } from '../../support/extendedPeer.js'
import { RESPONSE as response } from '../tracker/fixtures.js'

const trackers = [['http://a.example/announce']]
describe('the port that a gateway leads inside', () => {
  it('is told to peers that come, and to those that are there', () => {
    const fixture = checkedFixture()
    const early = fixture.peer({ extended: true })
    const deaf = fixture.peer()
    fixture.command({ _tag: 'SetExternalPort', protocol: 'tcp', port: 50_000 })
    fixture.command({ _tag: 'SetExternalPort', protocol: 'tcp', port: 50_000 })
    const late = fixture.peer({ extended: true })
    const ports = [early, late].map((peer) => toldHandshakes(peer).map(({ port }) => port))
    expect(ports).toEqual([[6_881, 50_000], [50_000]])
    expect(deaf.toldOf('Extended')).toEqual([])
    fixture.command({ _tag: 'SetExternalPort', protocol: 'tcp', port: 0 })
    expect(toldHandshakes(early).at(-1)?.port).toBe(6_881)
  })

  it('is told to trackers at once', () => {
    const fixture = checkedFixture({ trackers, have: 'xxxxxxxx' })
    const [first] = fixture.effectsOf('Announce')
    expect(first?.request.port).toBe(6_881)
    fixture.feed({ _tag: 'AnnounceSucceeded', at: fixture.now(), id: first!.id, response })
    fixture.command({ _tag: 'SetExternalPort', protocol: 'tcp', port: 50_000 })
    expect(fixture.effectsOf('Announce').map(({ request }) => request.port)).toEqual([6_881, 50_000])
  })

  it('is nothing to announce anew where it is the one that was told', () => {
    const fixture = checkedFixture({ trackers, have: 'xxxxxxxx' })
    const [first] = fixture.effectsOf('Announce')
    fixture.feed({ _tag: 'AnnounceSucceeded', at: fixture.now(), id: first!.id, response })
    fixture.command({ _tag: 'SetExternalPort', protocol: 'tcp', port: 6_881 })
    fixture.pass(600_000)
    expect(fixture.effectsOf('Announce')).toHaveLength(1)
  })

  it('of UDP is where our DHT node is', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ dht: true })
    fixture.command({ _tag: 'SetExternalPort', protocol: 'udp', port: 50_001 })
    fixture.command({ _tag: 'SetDhtPort', port: 7_000 })
    fixture.command({ _tag: 'SetExternalPort', protocol: 'udp', port: 0 })
    expect(peer.toldOf('Port').map(({ port }) => port)).toEqual([50_001, 7_000])
  })

  it('is refused where it is none', () => {
    const fixture = checkedFixture()
    fixture.command({ _tag: 'SetExternalPort', protocol: 'tcp', port: 65_536 })
    expect(fixture.noticesOf('CommandRefused')).toMatchObject([{ why: '65536 is not a port' }])
    expect(fixture.model.externalPorts.tcp).toBe(0)
  })
})
