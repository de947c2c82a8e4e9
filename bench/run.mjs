/**
 * Everything that is measured, against other programs in the same run; then one table, and the marks that were met and
 * missed. It fails where something is wrong, never because something is slow. Needs `npm run build`, root, iproute2,
 * opentracker and python3-libtorrent; programs that are not installed are left out, and named.
 *
 * usage: node bench/run.mjs [--short] [--only NAME[,NAME]] [--rounds N] [--size MiB]
 *   [--congestion-control ALGORITHM], where NAME is how a scenario's name begins
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { creation } from './scenarios/creation.mjs'
import { downloads } from './scenarios/download.mjs'
import { many } from './scenarios/many.mjs'
import { programs } from './scenarios/programs.mjs'
import { seedings } from './scenarios/seeding.mjs'
import { startUp } from './scenarios/startUp.mjs'
import { verify } from './scenarios/verify.mjs'
import { usualCongestionControl } from './support/hosts.mjs'
import { createLab } from './support/lab.mjs'
import { judge, showVerdict } from './support/marks.mjs'
import { stopAll } from './support/startProcess.mjs'
import { stolenTime } from './support/stolenTime.mjs'
import { markdownTable } from './support/table.mjs'

/** @import { Report } from './support/scenario.mjs' */

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    size: { type: 'string' },
    'congestion-control': { type: 'string', default: usualCongestionControl() },
  },
})
const isShort = options.short
const congestionControl = options['congestion-control']
const size = Number(options.size ?? (isShort ? 128 : 1024))
const rounds = options.rounds === undefined ? undefined : Number(options.rounds)
const wanted = options.only?.split(',')

/** @param {string} line */
const say = (line) => {
  console.log(line)
}

const all = [...downloads, many, ...seedings, verify, creation, startUp, ...programs]
const scenarios = all.filter(({ name, isLong }) =>
  wanted === undefined ? !(isShort && isLong === true) : wanted.some((start) => name.startsWith(start)),
)
if (scenarios.length === 0) throw new Error(`there are only ${all.map(({ name }) => name).join(', ')}`)

say(
  `Node ${process.version}, ${String(availableParallelism())} cores, the main payload ${String(size)} MiB, ${congestionControl}`,
)
const [load = 0] = loadavg()
if (load > availableParallelism() / 4)
  say(`the machine is busy (load ${load.toFixed(1)}): do not trust the times`)

const [startedAt, stolenBefore] = [performance.now(), stolenTime()]
const lab = createLab({ memoryLimit: isShort ? 1024 : Infinity, congestionControl })
/** @type {Report[]} */
const reports = []
/** @type {string[]} */
const broken = []
for (const { name, run } of scenarios) {
  const start = performance.now()
  say(`\n${name}`)
  try {
    for (const report of await run({ isShort, size, rounds, lab, say })) reports.push(report)
    say(`(${((performance.now() - start) / 1000).toFixed(0)} s)`)
  } catch (error) {
    broken.push(name)
    console.error(error)
    await stopAll()
  }
}

if (reports.some(({ medians }) => medians.size > 0)) say(`\n${markdownTable(reports).join('\n')}\n`)
const verdicts = reports.flatMap(({ title, marks, verdicts = [] }) => [
  ...marks.map((mark) => judge(title, mark)),
  ...verdicts,
])
for (const verdict of verdicts) say(showVerdict(verdict))
say(`${String(verdicts.filter(({ isMet }) => isMet).length)} of ${String(verdicts.length)} marks met`)
if (stolenBefore !== undefined) {
  const available = (performance.now() - startedAt) * availableParallelism()
  const stolen = ((stolenTime() ?? stolenBefore) - stolenBefore) / available
  say(`the host took ${(100 * stolen).toFixed(1)} % of the cores`)
}
if (broken.length > 0) say(`broken: ${broken.join(', ')}`)
process.exit(broken.length > 0 ? 1 : 0)
