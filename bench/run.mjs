/**
 * Whole transfers, from process start to exit: one file from a libtorrent seeder over a pair of network namespaces, by
 * rxtorrent, other clients and a bare loop, taking turns; then the kernels, and what idle sessions cost. Needs root,
 * iproute2, opentracker and python3-libtorrent.
 *
 * usage: node bench/run.mjs [--short] [--rounds N] [--size MiB]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, homedir, loadavg } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { charge } from './support/charge.mjs'
import { findClients, floorName } from './support/clients.mjs'
import { twoHosts } from './support/hosts.mjs'
import { makePayload, makeTorrent, payloadName, python } from './support/payload.mjs'
import { markdownTable, medianCost, ratiosTo, showCost } from './support/table.mjs'
import { warmUpMemory } from './support/warmUpMemory.mjs'

/** @typedef {import('./support/clients.mjs').Client} Client */
/** @typedef {import('./support/table.mjs').Cost} Cost */

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    size: { type: 'string' },
  },
})
const rounds = Number(options.rounds ?? (options.short ? 1 : 5))
const size = Number(options.size ?? (options.short ? 128 : 1024))
const patience = 180

/** @param {string} line */
const say = (line) => {
  console.log(line)
}

const cache = join(homedir(), '.cache/rxtorrent-bench')
// opentracker locks itself in there as nobody, who may not look into a home
const jail = `/var/tmp/rxtorrent-bench-${String(process.pid)}`
const work = join(cache, `run-${String(process.pid)}`)
for (const folder of [jail, work]) {
  charge('folder', folder)
  mkdirSync(folder, { recursive: true })
}
chmodSync(jail, 0o755)

const clients = findClients({
  cache,
  withWebtorrent: !options.short,
  skip: (line) => {
    say(`not measured: ${line}`)
  },
})

const [seederHost, leecherHost] = twoHosts()
const trackerPort = '6969'
const torrent = join(work, 'payload.torrent')
makePayload(work, size)
const infohash = makeTorrent(work, torrent, `http://${seederHost.address}:${trackerPort}/announce`)
writeFileSync(join(jail, 'whitelist'), `${infohash}\n`)

/** @param {ReadonlyArray<string>} argv */
const startOnSeeder = (argv) => {
  const [program = '', ...args] = seederHost.at(argv)
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  charge('group', String(child.pid))
  process.on('exit', () => child.kill())
  return child
}

startOnSeeder([
  ...['opentracker', '-i', seederHost.address, '-p', trackerPort, '-P', trackerPort],
  ...['-d', jail, '-w', '/whitelist', '-u', 'nobody'],
]).stdout.resume()

const seeder = startOnSeeder([
  ...[python, fileURLToPath(new URL('../test/interop/support/libtorrentPeer.py', import.meta.url))],
  ...['seed', torrent, work, '--address', seederHost.address],
])
/** @type {number} */
const seederPort = await new Promise((resolve, reject) => {
  seeder.on('exit', () => {
    reject(new Error('the seeder ended'))
  })
  createInterface({ input: seeder.stdout }).on('line', (line) => {
    const port = /"listening", "port": (\d+)/.exec(line)?.[1]
    if (port !== undefined) resolve(Number(port))
  })
})

/**
 * One download, in a fresh folder; fails unless the file is the same.
 *
 * @param {Client} client
 * @returns {Cost}
 */
const run = ({ name, argv }) => {
  const folder = join(work, 'download')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const command = leecherHost.at(
    argv({
      torrent,
      infohash,
      folder,
      address: leecherHost.address,
      host: seederHost.address,
      port: seederPort,
    }),
  )
  const measure = fileURLToPath(new URL('measure.py', import.meta.url))
  const result = spawnSync(python, [measure, String(patience), ...command], { encoding: 'utf8' })
  /** @type {unknown} */
  const taken = JSON.parse(result.stdout)
  const { code, ...cost } = /** @type {Cost & { readonly code: number }} */ (taken)
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}:\n${result.stderr}`)
  execFileSync('cmp', [join(folder, payloadName), join(work, payloadName)])
  return cost
}

say(`${String(size)} MiB in pieces of 1 MiB, ${String(rounds)} round(s), Node ${process.version}`)
const [load = 0] = loadavg()
if (load > availableParallelism() / 4)
  say(`the machine is busy (load ${load.toFixed(1)}): do not trust the times`)
warmUpMemory(options.short ? 1024 : Infinity)
// the seeder checks each piece when it is first asked for it
for (const client of clients.filter(({ name }) => name === floorName)) run(client)

/** @type {Map<string, Cost[]>} */
const costs = new Map(clients.map(({ name }) => [name, []]))
for (let round = 1; round <= rounds; round++) {
  for (const client of clients) {
    const cost = run(client)
    costs.get(client.name)?.push(cost)
    say(`round ${String(round)}  ${client.name.padEnd(20)} ${showCost(cost)}`)
  }
}

const medians = new Map([...costs].map(([name, all]) => [name, medianCost(all)]))
say('\nmedians')
for (const [name, cost] of medians) say(`${name.padEnd(20)} ${showCost(cost)}`)
for (const base of medians.keys()) {
  say(`\nto ${base}`)
  for (const line of ratiosTo(medians, base)) say(line)
}
say(`\n${markdownTable(medians, floorName).join('\n')}`)

say('\nkernels')
const kernels = fileURLToPath(new URL('kernels.mjs', import.meta.url))
const sample = options.short ? '50' : '500'
const timed = spawnSync(process.execPath, [kernels, '--time', sample], { stdio: 'inherit' })

say('\nidle sessions')
const idle = fileURLToPath(new URL('idleSessions.mjs', import.meta.url))
const seconds = options.short ? '20' : '60'
const idled = spawnSync(
  process.execPath,
  [idle, '--seconds', seconds, ...(options.short ? ['--only-print'] : [])],
  {
    stdio: 'inherit',
  },
)
process.exit((timed.status ?? 1) || (idled.status ?? 1))
