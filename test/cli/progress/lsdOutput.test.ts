import { firstValueFrom, NEVER, of, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { lsdOutput } from '../../../src/cli/progress/lsdOutput.js'
import type { Report } from '../../../src/cli/progress/report.js'
import { data, type Output } from '../../../src/cli/output.js'
import type { LsdNotice } from '../../../src/index.js'

const report = (isJson: boolean): Report => ({
  progress: () => NEVER,
  notices: () => NEVER,
  event: (event) => (isJson ? data(JSON.stringify(event)) : undefined),
})

const told = (isJson: boolean, notice: Omit<LsdNotice, '_tag' | 'at'>): Promise<ReadonlyArray<Output>> =>
  firstValueFrom(
    lsdOutput(
      { find: () => NEVER, alert$: of<LsdNotice>({ ...notice, _tag: 'LsdUnavailable', at: 0 }) },
      report(isJson),
    ).pipe(toArray()),
  )

it('tells people where there is no local discovery', async () => {
  expect(await told(false, { family: 6, interface: '::%eth\u001b0', code: 'ENODEV' })).toEqual([
    { _tag: 'Say', text: 'no local discovery over IPv6 at ::%eth\\u{1b}0 (ENODEV)' },
  ])
  expect(await told(false, { family: 4, code: 'EADDRINUSE' })).toEqual([
    { _tag: 'Say', text: 'no local discovery over IPv4 (EADDRINUSE)' },
  ])
})

it('tells programs', async () => {
  expect(await told(true, { family: 4, code: 'EADDRINUSE' })).toEqual([
    data('{"event":"lsdUnavailable","family":4,"interface":null,"code":"EADDRINUSE"}'),
  ])
})
