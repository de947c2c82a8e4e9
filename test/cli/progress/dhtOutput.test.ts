import { firstValueFrom, of, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { data, type Output } from '../../../src/cli/output.js'
import { dhtOutput } from '../../../src/cli/progress/dhtOutput.js'
import type { DhtNotice } from '../../../src/index.js'

const told = (json: boolean, ...notices: ReadonlyArray<DhtNotice>): Promise<ReadonlyArray<Output>> =>
  firstValueFrom(dhtOutput({ alert$: of(...notices) }, json).pipe(toArray()))

const failed = (family: 4 | 6, code: string): DhtNotice => ({ _tag: 'DhtListenFailed', at: 0, family, code })

it('tells people where the DHT has no port', async () => {
  expect(await told(false, failed(4, 'EADDRINUSE'), failed(6, 'CLOSED\n'))).toEqual([
    { _tag: 'Say', text: 'no DHT over IPv4 (EADDRINUSE)' },
    { _tag: 'Say', text: 'no DHT over IPv6 (CLOSED\\u{0a})' },
  ])
})

it('does not trouble them with a family that the machine does not have, nor with other notices', async () => {
  const others: DhtNotice = { _tag: 'DhtBootstrapFailed', at: 0, family: 4 }
  expect(await told(false, failed(6, 'EAFNOSUPPORT'), failed(6, 'EADDRNOTAVAIL'), others)).toEqual([])
})

it('tells programs all of it', async () => {
  expect(await told(true, failed(4, 'EADDRINUSE'), failed(6, 'EAFNOSUPPORT'))).toEqual([
    data('{"event":"dhtUnavailable","family":4,"code":"EADDRINUSE"}'),
    data('{"event":"dhtUnavailable","family":6,"code":"EAFNOSUPPORT"}'),
  ])
})
