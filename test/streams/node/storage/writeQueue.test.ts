import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { SystemResult } from '../../../../src/streams/node/fsCall.js'
import { createWriteQueue } from '../../../../src/streams/node/storage/writeQueue.js'
import type { FileWrite, WriteQueueOptions } from '../../../../src/streams/node/storage/writeQueue.js'
import { type Transfer, writeFully } from '../../../../src/streams/node/transfer.js'

const DONE = E.right(undefined)

describe('createWriteQueue', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxtorrent-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  let fd = -1
  let path = ''
  let files = 0
  beforeEach(() => {
    path = join(folder, String(files++))
    fd = openSync(path, 'w')
  })
  afterEach(() => {
    closeSync(fd)
  })

  /** Into the real file; tells which calls it took. */
  const watched = (
    options: Partial<WriteQueueOptions> = {},
  ): {
    readonly calls: { readonly position: number; readonly length: number }[]
    readonly put: (file: number, write: Partial<FileWrite>) => Promise<SystemResult<void>>
  } => {
    const calls: { readonly position: number; readonly length: number }[] = []
    const write: Transfer = (file, parts, position, answer) => {
      calls.push({ position, length: parts.reduce((sum, part) => sum + part.length, 0) })
      ;(options.write ?? writeFully)(file, parts, position, answer)
    }
    const queue = createWriteQueue({
      prepare: (_file, _fd, answer) => {
        answer(DONE)
      },
      wrote: () => undefined,
      ...options,
      write,
    })
    const put = (file: number, one: Partial<FileWrite>): Promise<SystemResult<void>> =>
      new Promise((answer) => {
        queue(file, { fd, parts: [], position: 0, isWhole: false, ...one, answer })
      })
    return { calls, put }
  }
  const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)
  const content = (): number[] => [...readFileSync(path)]

  it('joins those that touch, on either side of the first, in one call', async () => {
    const { calls, put } = watched()
    const answers = await Promise.all([
      put(0, { position: 4, parts: [bytes(2, 3)] }),
      put(0, { position: 0, parts: [bytes(1, 1), bytes(3, 2)] }),
      put(0, { position: 9, parts: [bytes(1, 5)] }),
      put(0, { position: 6, parts: [bytes(2, 4)] }),
    ])
    expect(answers).toEqual([DONE, DONE, DONE, DONE])
    expect(calls).toEqual([
      { position: 0, length: 8 },
      { position: 9, length: 1 },
    ])
    expect(content()).toEqual([1, 2, 2, 2, 3, 3, 4, 4, 0, 5])
  })

  it('lets the last word have who came last to one place', async () => {
    const { put } = watched()
    await Promise.all([
      put(0, { position: 2, parts: [bytes(2, 1)] }),
      put(0, { position: 0, parts: [bytes(2, 2)] }),
      put(0, { position: 0, parts: [bytes(2, 3)] }),
      put(0, { position: 2, parts: [bytes(2, 4)] }),
    ])
    expect(content()).toEqual([3, 3, 4, 4])
  })

  it('does not mix what is meant for a file and for one that was opened in its place', async () => {
    const other = join(folder, `${String(files)}-other`)
    const second = openSync(other, 'w')
    const { calls, put } = watched()
    await Promise.all([
      put(0, { position: 0, parts: [bytes(2, 1)] }),
      put(0, { fd: second, position: 2, parts: [bytes(2, 2)] }),
    ])
    closeSync(second)
    expect(calls).toHaveLength(2)
    expect(content()).toEqual([1, 1])
    expect([...readFileSync(other)]).toEqual([0, 0, 2, 2])
  })

  it('begins at once with a whole file, and with others when the loop has done what it is at', async () => {
    const { calls, put } = watched()
    const whole = put(0, { parts: [bytes(1, 1)], isWhole: true })
    const part = put(1, { position: 1, parts: [bytes(1, 2)] })
    expect(calls).toEqual([{ position: 0, length: 1 }])
    await Promise.all([whole, part])
    expect(calls).toHaveLength(2)
  })

  it.runIf(process.platform === 'linux')('tells each of its own failure', async () => {
    const full = openSync('/dev/full', 'w')
    const { calls, put } = watched()
    const answers = await Promise.all(
      [0, 1, 2].map((at) => put(0, { fd: full, position: at, parts: [bytes(1, 1)] })),
    )
    closeSync(full)
    expect(answers).toEqual([E.left('ENOSPC'), E.left('ENOSPC'), E.left('ENOSPC')])
    expect(calls.map(({ length }) => length)).toEqual([3, 1, 1, 1])
  })

  it('writes what can be written of a call that failed', async () => {
    // A device with room for four bytes.
    const write: Transfer = (file, parts, position, answer) => {
      const end = position + parts.reduce((sum, part) => sum + part.length, 0)
      if (end > 4) answer(E.left('ENOSPC'))
      else writeFully(file, parts, position, answer)
    }
    const { put } = watched({ write })
    const answers = await Promise.all([0, 2, 4].map((position) => put(0, { position, parts: [bytes(2, 7)] })))
    expect(answers).toEqual([DONE, DONE, E.left('ENOSPC')])
    expect(content()).toEqual([7, 7, 7, 7])
  })

  it('fails those that were to go in one call when the file cannot be prepared, and asks again for the next', async () => {
    let asked = 0
    const { calls, put } = watched({
      prepare: (_file, _fd, answer) => {
        const result = asked++ === 0 ? E.left('ENOSPC') : DONE
        setImmediate(() => {
          answer(result)
        })
      },
    })
    const answers = await Promise.all([
      put(0, { position: 0, parts: [bytes(2, 1)] }),
      put(0, { position: 2, parts: [bytes(2, 2)] }),
      put(0, { position: 8, parts: [bytes(1, 3)] }),
    ])
    expect(answers).toEqual([E.left('ENOSPC'), E.left('ENOSPC'), DONE])
    expect(calls).toEqual([{ position: 8, length: 1 }])
  })

  const writes = fc.array(
    fc.record({
      file: fc.nat(1),
      position: fc.nat(12),
      parts: fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 3 }),
      isWhole: fc.boolean(),
      turns: fc.nat(2),
    }),
    { maxLength: 30 },
  )
  test.prop([writes])(
    'writes as if one after the other, one call a file at a time, and answers all',
    async (all) => {
      const fds = [0, 1].map((file) => openSync(join(folder, `p${String(file)}`), 'w'))
      const under = new Set<number>()
      const queue = createWriteQueue({
        prepare: (_file, _fd, answer) => {
          answer(DONE)
        },
        wrote: () => undefined,
        write: (target, parts, position, answer) => {
          expect(under.has(target)).toBe(false)
          under.add(target)
          writeFully(target, parts, position, (result) => {
            under.delete(target)
            answer(result)
          })
        },
      })
      // See `FileWrite`; two for one place have a test of their own.
      const apart = all.filter(
        ({ file, position, parts }, at) =>
          !all.slice(0, at).some((one) => {
            const end = position + parts.flatMap((part) => [...part]).length
            const itsEnd = one.position + one.parts.flatMap((part) => [...part]).length
            return one.file === file && one.position < end && position < itsEnd
          }),
      )
      const answers: Promise<SystemResult<void>>[] = []
      for (const { file, turns, ...one } of apart) {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
        answers.push(
          new Promise((answer) => {
            queue(file, { ...one, fd: fds[file]!, answer })
          }),
        )
      }
      expect(await Promise.all(answers)).toEqual(apart.map(() => DONE))
      for (const [file, target] of fds.entries()) {
        closeSync(target)
        const mine = apart.filter((one) => one.file === file)
        const found = readFileSync(join(folder, `p${String(file)}`))
        for (const { position, parts } of mine) {
          const bytesOf = parts.flatMap((part) => [...part])
          expect([...found.subarray(position, position + bytesOf.length)]).toEqual(bytesOf)
        }
      }
    },
  )
})
