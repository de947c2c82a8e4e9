import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { parseArgs } from '../../src/cli/args.js'
import { codeKind } from '../../src/cli/codeKind.js'
import { namedIn } from './support/namedIn.js'

/** Of all that there are. */
const commands = (): ReadonlyArray<string> => {
  const parsed = parseArgs(['--help'], manifest.version)
  return parsed._tag === 'Help' ? namedIn(parsed.text) : []
}

describe('codeKind', () => {
  it('is each command by itself, and one for all that is only asked', () => {
    expect(commands().length).toBeGreaterThan(5)
    for (const command of commands()) {
      expect(codeKind([command, 'file'])).toBe(command)
      expect(codeKind([command, '--help'])).toBe('help')
    }
    expect(codeKind(['-V'])).toBe('help')
  })

  it.each([[[]], [['nonsense']], [['constructor']], [['../up']], [['--json', 'download']]])(
    'is none for %j',
    (words) => {
      expect(codeKind(words)).toBeUndefined()
    },
  )
})
