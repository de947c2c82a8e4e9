import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { defaultGateway, gatewayIn } from '../../../../src/streams/node/portMapping/defaultGateway.js'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const route = (
  gateway: string,
  flags: string,
  metric: number,
  destination = '00000000',
  mask = '00000000',
): string => `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t${String(metric)}\t${mask}\t0\t0\t0   \n`

describe('gatewayIn', () => {
  it('finds the gateway of the default route, of several that of the lowest metric', () => {
    expect(gatewayIn(HEAD + route('0101A8C0', '0003', 0))).toEqual(O.some('192.168.1.1'))
    const two = route('0101A8C0', '0003', 200) + route('FE00000A', '0003', 100)
    expect(gatewayIn(HEAD + two)).toEqual(O.some('10.0.0.254'))
  })

  it.each([
    ['nothing', ''],
    ['no route', HEAD],
    ['a route that is down', HEAD + route('0101A8C0', '0002', 0)],
    ['a route without a gateway', HEAD + route('00000000', '0001', 0)],
    ['a route to one network', HEAD + route('0101A8C0', '0003', 0, '0001A8C0', '00FFFFFF')],
    ['half of all addresses', HEAD + route('0101A8C0', '0003', 0, '00000000', '00000080')],
    ['what is no address', HEAD + route('hello', '0003', 0)],
    ['another form altogether', 'default via 192.168.1.1 dev eth0\n'],
  ])('finds none in %s', (_, table) => {
    expect(gatewayIn(table)).toEqual(O.none)
  })
})

describe('defaultGateway', () => {
  it('emits once, whatever the system is', async () => {
    expect(await firstValueFrom(defaultGateway())).toHaveProperty('_tag')
  })
})
