import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createVirtualWorld } from '../../../src/streams/virtual/index.js'
import { plainLayout } from '../../support/layouts.js'

describe('createVirtualWorld', () => {
  it('joins its hosts by one network, one clock and the trackers', () => {
    const world = createVirtualWorld({ seed: 1, network: { latencyMs: 5 }, tracker: { latencyMs: 7 } })
    const [one, two] = ['10.0.0.1', '10.0.0.2'].map((address) => world.host(address))
    const seen: string[] = []
    two!.deps.network.listen({ port: 1 }).subscribe({
      next: (event) => seen.push(E.isRight(event) ? event.right._tag : event.left.code),
      error: expect.unreachable,
    })
    one!.deps.network.connect({ host: '10.0.0.2', port: 1 }).subscribe({
      next: (answer) => seen.push(E.isRight(answer) ? 'Connected' : answer.left.code),
      error: expect.unreachable,
    })
    world.clock.advanceBy(10)
    expect(seen).toEqual(['Listening', 'Accepted', 'Connected'])
    expect(one!.deps.clock).toBe(two!.deps.clock)
    expect(world.host('10.0.0.1')).toBe(one)
  })

  it('gives each host a disk of its own', () => {
    const world = createVirtualWorld({ seed: 1 })
    const layout = plainLayout(10, 10)
    world.host('a', { disk: { latencyMs: 3 } }).disk.preload(layout, new Uint8Array(10).fill(1))
    expect(world.host('a').disk.usedBytes()).toBe(10)
    expect(world.host('b').disk.usedBytes()).toBe(0)
  })

  it('has chance of its own for each host, all from the seed', () => {
    const bytes = (seed: number, address: string): Uint8Array => {
      const world = createVirtualWorld({ seed })
      world.host('a')
      return world.host(address).deps.random.bytes(16)
    }
    expect(bytes(1, 'b')).toEqual(bytes(1, 'b'))
    expect(bytes(1, 'b')).not.toEqual(bytes(1, 'a'))
    expect(bytes(1, 'b')).not.toEqual(bytes(2, 'b'))
  })

  it('has no time, chance or platform of its own', () => {
    const folder = new URL('../../../src/streams/virtual/', import.meta.url)
    const ambient =
      /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|Date|performance|Promise|async|await|process|Buffer)\b[.(]|Math\.random|'node:|(?:async|asap|animationFrame|queue)Scheduler/
    const names = readdirSync(folder)
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) {
      const code = readFileSync(new URL(name, folder), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
      expect([name, ambient.exec(code)?.[0]]).toEqual([name, undefined])
    }
  })
})
