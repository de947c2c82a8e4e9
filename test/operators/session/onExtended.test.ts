import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { toUtf8 } from '../../../src/codecs/bytes.js'
import { EXTENDED_HANDSHAKE_ID } from '../../../src/codecs/wire/extended.js'
import { EXTENSIONS } from '../../../src/operators/session/extension/extensions.js'
import type { DialContext } from '../../../src/operators/peer/policy.js'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { extendedHandshake, toldHandshakes } from '../../support/extendedPeer.js'

describe('our own address', () => {
  const dialled = (
    seenAs: ReadonlyArray<string>,
    hosts: (i: number) => string,
  ): ReadonlyArray<DialContext> => {
    const seen: DialContext[] = []
    const fixture = checkedFixture({
      policies: {
        peer: (ctx) => {
          seen.push(ctx)
          return []
        },
      },
    })
    seenAs.forEach((host, i) => {
      const peer = fixture.peer({ extended: true, host: hosts(i) })
      peer.says(extendedHandshake({ yourIp: host }))
    })
    fixture.command({ _tag: 'AddPeers', peers: [{ host: '98.76.54.32', port: 1 }] })
    return seen
  }
  const own: O.Option<PeerAddress> = O.some({ host: '123.213.32.10', port: 6_881 })

  it('is what most peers see, with the port that we listen on', () => {
    const says = ['123.213.32.10', '123.213.32.10', '1.1.1.1', '123.213.32.10']
    const [ctx] = dialled(says, (i) => `10.0.0.${String(i)}`)
    expect(ctx!.ownAddress).toEqual(own)
    expect(ctx!.connected.map(({ host }) => host)).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3'])
  })

  it('is not what one host says in many voices', () => {
    const [ctx] = dialled(
      Array.from({ length: 8 }, () => '123.213.32.10'),
      () => '10.0.0.1',
    )
    expect(ctx!.ownAddress).toEqual(O.none)
  })

  it('is not one of a home network', () => {
    const [ctx] = dialled(
      Array.from({ length: 8 }, () => '192.168.0.2'),
      (i) => `10.0.0.${String(i)}`,
    )
    expect(ctx!.ownAddress).toEqual(O.none)
  })
})

describe('extensions', () => {
  it('have an id each, of one byte', () => {
    const ids = EXTENSIONS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id > 0 && id < 256).toBe(true)
  })

  it('are told of with who we are and where we listen', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ extended: true, host: '10.1.2.3' })
    const offered = EXTENSIONS.filter(({ isOffered }) => isOffered(fixture.model))
    expect(toldHandshakes(peer)).toMatchObject([
      {
        extensions: new Map(offered.map(({ name, id }) => [name, id])),
        port: 6_881,
        yourIp: '10.1.2.3',
        requestQueue: 500,
        uploadOnly: false,
      },
    ])
    expect(fixture.peer({ extended: false }).told.some(({ _tag }) => _tag === 'Extended')).toBe(false)
  })

  it('are remembered by the ids of the peer, which a later handshake changes or takes back', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ extended: true })
    const known = (): unknown => Object.entries(peer.model()!.extensions).filter(([, id]) => id !== 0)
    const others = Array.from({ length: 60 }, (_, i): [string, number] => [`x${String(i)}`, 7])
    peer.says(extendedHandshake({ extensions: new Map([...others, ['upload_only', 9]]), port: 1_234 }))
    expect(known(), 'only what we speak too').toEqual([['upload_only', 9]])
    peer.says(extendedHandshake({ extensions: new Map([['ut_metadata', 1]]) }))
    expect(known(), 'not named: as before').toEqual([['upload_only', 9]])
    expect(peer.model()!.listenPort).toBe(1_234)
    peer.says(extendedHandshake({ extensions: new Map([['upload_only', 10]]) }))
    expect(known()).toEqual([['upload_only', 10]])
    peer.says(extendedHandshake({ extensions: new Map([['upload_only', 0]]) }))
    expect(known()).toEqual([])
  })

  it('that we do not speak are passed over, whatever they say', () => {
    const peer = checkedFixture().peer({ extended: true })
    for (const id of [99, 200, 255]) peer.says({ _tag: 'Extended', id, payload: new Uint8Array(100) })
    expect(peer.closedFor()).toBeUndefined()
  })

  it('may be told of in any words but too many (R38)', () => {
    const peer = checkedFixture().peer({ extended: true })
    for (const text of ['', 'le', 'i1e', 'd', 'd1:mi1ee', 'd1:pi70000e4:reqqi-5ee']) {
      peer.says({ _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload: toUtf8(text) })
    }
    expect(peer.closedFor()).toBeUndefined()
    expect(peer.model()!.reqq).toBe(1)
    const bomb = toUtf8(`d1:v16384:${'x'.repeat(16_384)}e`)
    peer.says({ _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload: bomb })
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })
})
