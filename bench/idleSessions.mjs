/**
 * What sessions cost that have nothing to do: half of them seeds, half of them downloads without a peer, each with a
 * tracker that has answered, all in one client, which keeps resume data. Needs `npm run build`. Fails when they cost more
 * than they may, unless `--only-print`: a busy machine is no fault of theirs.
 *
 * usage: node bench/idleSessions.mjs [--sessions N] [--seconds N] [--settling SECONDS] [--only-print]
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '30' },
    settling: { type: 'string', default: '45' },
    'only-print': { type: 'boolean', default: false },
  },
})

/** Of one core, for 500 sessions; others in proportion. */
const mostCpu = (0.01 * Math.max(500, Number(options.sessions))) / 500
const mostBytes = 100 * 1024

/** "Come back in half an hour; there is nobody." */
const tracker = createServer((_request, response) => {
  response.end('d8:intervali1800e5:peers0:e')
})
await new Promise((resolve) => {
  tracker.listen(0, '127.0.0.1', () => {
    resolve(undefined)
  })
})
const address = tracker.address()
if (address === null || typeof address === 'string') throw new Error('the tracker has no port')

const child = spawn(
  process.execPath,
  [
    '--expose-gc',
    fileURLToPath(new URL('support/idleClient.mjs', import.meta.url)),
    ...[options.sessions, options.seconds, String(address.port), options.settling],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
let out = ''
child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
  out += text
})
const code = await new Promise((resolve) => child.on('close', resolve))
tracker.close()
if (code !== 0) throw new Error(`the client ended with ${String(code)}`)

/** @type {{ readonly cpu: number, readonly bytes: number, readonly pieces: number, readonly adding: number }} */
const { cpu, bytes, pieces, adding } = JSON.parse(out)
const isMet = cpu <= mostCpu && bytes <= mostBytes
console.log(
  `${options.sessions} idle sessions of ${String(pieces)} pieces: ` +
    `${(100 * cpu).toFixed(2)} % of a core, ${(bytes / 1024).toFixed(0)} KB each, ${adding.toFixed(2)} ms of CPU to add one, ` +
    `at most ${String(100 * mostCpu)} % and ${String(mostBytes / 1024)} KB (${isMet ? 'met' : 'missed'})`,
)
if (!isMet && !options['only-print']) process.exitCode = 1
