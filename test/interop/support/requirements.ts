import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** Debian's Python: the one that has Debian's libtorrent. */
export const python = '/usr/bin/python3'

const succeeds = (program: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0

const isInstalled = (program: string) => (): boolean => succeeds('sh', '-c', `command -v ${program}`)

const checks = {
  libtorrent: () => succeeds(python, '-c', 'import libtorrent'),
  aria2: isInstalled('aria2c'),
  transmission: () => isInstalled('transmission-daemon')() && isInstalled('transmission-remote')(),
  opentracker: isInstalled('opentracker'),
  mktorrent: isInstalled('mktorrent'),
  nginx: isInstalled('nginx'),
  miniupnpd: () => isInstalled('miniupnpd')() && isInstalled('nft')(),
  nft: isInstalled('nft'),
  'root with network namespaces': () => process.getuid?.() === 0 && succeeds('ip', 'netns', 'list'),
  'IPv6 on loopback': () =>
    succeeds(process.execPath, '-e', "require('net').createServer().listen(0, '::1', () => process.exit())"),
} as const

/** Something that a machine may lack. */
export type Need = keyof typeof checks

const answers = new Map<Need, boolean>()

const has = (need: Need): boolean => {
  const known = answers.get(need)
  if (known !== undefined) return known
  const answer = checks[need]()
  answers.set(need, answer)
  return answer
}

/** With `RXTORRENT_INTEROP=required` nothing is skipped: what is missing fails. */
const isRequired = process.env['RXTORRENT_INTEROP'] === 'required'

/** A `describe` for tests that need more than Node: skipped, loudly, where the machine lacks it. */
export const describeWith = (needs: ReadonlyArray<Need>, name: string, body: () => void): void => {
  const lacking = [...new Set(needs)].filter((need) => !has(need))
  if (lacking.length === 0) {
    describe(name, body)
    return
  }
  const notice = `${name}: this machine lacks ${lacking.join(', ')}`
  if (isRequired) {
    describe(name, () => {
      it('has what it needs', () => {
        expect.fail(notice)
      })
    })
    return
  }
  console.warn(`\n*** NOT TESTED *** ${notice}\n`)
  describe.skip(name, body)
}
