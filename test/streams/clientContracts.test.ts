import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { type Client, client } from '../../src/index.js'
import { contractsOf } from '../support/streamContracts.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'

const made = makeTorrent({ pieceLength: 16_384, files: 100_000 })
const contracts = contractsOf('A client')

const streamOf = (torrents: Client, name: string): Observable<unknown> =>
  (torrents as unknown as Readonly<Record<string, Observable<unknown>>>)[name]!

const listen = (stream$: Observable<unknown>): { values: unknown[]; isOver: () => boolean } => {
  const values: unknown[] = []
  let isOver = false
  stream$.subscribe({
    next: (value) => values.push(value),
    error: (thrown: unknown) => {
      throw thrown
    },
    complete: () => (isOver = true),
  })
  return { values, isOver: () => isOver }
}

describe("docs/streams.md, a client's table", () => {
  it('has a line for every stream, and none besides', async () => {
    const torrents = client({ directory: await tempDir() })
    const names = Object.keys(torrents).filter((name) => name.endsWith('$'))
    expect(contracts.map(({ stream }) => stream).sort()).toEqual(names.sort())
    torrents.close()
  })

  it.each(contracts.map((contract) => [contract.stream, contract] as const))('%s', async (name, { late }) => {
    const torrents = client({ directory: await tempDir() })
    const early = listen(streamOf(torrents, name))
    const added = await firstValueFrom(torrents.add(made.bytes))
    if (E.isLeft(added)) throw new Error(added.left._tag)
    await until(() => early.values.length > 1)
    expect(listen(streamOf(torrents, name)).values).toEqual(late === 'nothing' ? [] : [early.values.at(-1)])
    expect(early.isOver()).toBe(false)
    await lastValueFrom(torrents.stop(), { defaultValue: undefined })
    expect(early.isOver()).toBe(true)
    const after = listen(streamOf(torrents, name))
    expect(after.values).toEqual(late === 'nothing' ? [] : [early.values.at(-1)])
    expect(after.isOver()).toBe(true)
  })
})
