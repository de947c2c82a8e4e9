import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { encodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../../src/codecs/wire/extended.js'
import type { DialContext } from '../../../src/operators/peer/policy.js'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { checkedFixture } from '../../support/checkedFixture.js'

const sayingYouAre = (yourIp: string): Uint8Array =>
  encodeExtendedHandshake({
    extensions: new Map(),
    client: undefined,
    port: undefined,
    yourIp,
    requestQueue: undefined,
    metadataSize: undefined,
    uploadOnly: undefined,
  })

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
      peer.says({ _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload: sayingYouAre(host) })
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
