import { describe, expect, it } from 'vitest'
import { data, done, end, live, say, type Output } from '../../src/cli/output.js'
import { createScreen } from '../../src/cli/screen.js'

const shown = (
  outputs: ReadonlyArray<Output>,
  { isLive = false, isQuiet = false } = {},
): ReadonlyArray<string> => {
  const log: string[] = []
  const liveArea = Object.assign((text: string) => void log.push(`live ${text}`), {
    clear: () => void log.push('clear'),
    done: () => void log.push('done'),
  })
  const screen = createScreen({
    stdout: (text) => void log.push(`out ${text}`),
    stderr: (text) => void log.push(`err ${text}`),
    liveArea: isLive ? liveArea : undefined,
    isQuiet,
  })
  for (const output of outputs) screen.show(output)
  screen.close()
  return log
}

describe('createScreen', () => {
  it('puts data and talk where they belong', () => {
    expect(shown([data('a'), say('b'), done('c')])).toEqual(['out a\n', 'err b\n', 'err c\n'])
  })

  it('names itself in front of what went wrong', () => {
    expect(shown([end(5, 'no')])).toEqual(['err rxtorrent: no\n'])
  })

  it('keeps quiet if asked to, but not about data and failures', () => {
    expect(shown([data('a'), say('b'), live(['x']), done('c')], { isQuiet: true, isLive: true })).toEqual([
      'out a\n',
    ])
    expect(shown([say('b'), end(5, 'no')], { isQuiet: true })).toEqual(['err rxtorrent: no\n'])
  })

  it('keeps the live lines below all others', () => {
    expect(shown([live(['x', 'y']), say('b'), live(['z']), done('c')], { isLive: true })).toEqual([
      'live x\ny',
      'clear',
      'err b\n',
      'live x\ny',
      'live z',
      'done',
      'err c\n',
    ])
  })

  it('gives the terminal back', () => {
    expect(shown([live(['x'])], { isLive: true })).toEqual(['live x', 'done'])
    expect(shown([say('b')], { isLive: true })).toEqual(['err b\n'])
  })
})
