import { join, parse, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathsBelow } from '../../../src/streams/node/pathsBelow.js'

const name = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$|[/\\\0]/.test(text))
const path = fc.array(name, { maxLength: 5 })

describe('pathsBelow', () => {
  it('says what join says', () => {
    fc.assert(
      fc.property(path, path, (above, below) => {
        const root = resolve(parse(process.cwd()).root, ...above)
        expect(pathsBelow(root)(below)).toBe(join(root, ...below))
      }),
    )
  })
})
