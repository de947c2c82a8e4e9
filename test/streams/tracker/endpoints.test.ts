import { describe, expect, it } from 'vitest'
import { MAX_UDP_ENDPOINTS } from '../../../src/codecs/limits.js'
import { createEndpoints } from '../../../src/streams/tracker/endpoints.js'

describe('createEndpoints', () => {
  it('knows each address and port by itself, with its family', () => {
    const endpointOf = createEndpoints()
    const endpoint = endpointOf('192.0.2.1', 80)
    expect(endpointOf('192.0.2.1', 80)).toBe(endpoint)
    expect(endpointOf('192.0.2.1', 81)).not.toBe(endpoint)
    expect([endpoint.family, endpointOf('2001:db8::1', 80).family]).toEqual([4, 6])
  })

  it('forgets the one that was not used for the longest time, where there are too many', () => {
    const endpointOf = createEndpoints()
    const [used, unused] = [endpointOf('192.0.2.1', 1), endpointOf('192.0.2.2', 1)]
    for (let port = 1; port < MAX_UDP_ENDPOINTS; port++) {
      endpointOf('192.0.2.3', port)
      endpointOf('192.0.2.1', 1)
    }
    expect(endpointOf('192.0.2.1', 1)).toBe(used)
    expect(endpointOf('192.0.2.2', 1)).not.toBe(unused)
  })
})
