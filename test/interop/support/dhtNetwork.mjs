/**
 * DHT nodes of ours at one address, in one network, as a program: for where the test itself cannot be.
 *
 * `dhtNetwork.mjs ADDRESS COUNT`; prints "listening" with the ports, as JSON.
 */
import { argv } from 'node:process'
import { firstValueFrom } from 'rxjs'
import { dht } from '../../../dist/index.js'

const [, , host = '127.0.0.1', count = '8'] = argv
/** @type {number[]} */
const ports = []
/** @param {unknown} thrown */
const error = (thrown) => {
  throw thrown
}
while (ports.length < Number(count)) {
  const known = [...ports.slice(0, 1), ...ports.slice(-1)].map((port) => ({ host, port }))
  const node = dht({ addresses: [{ family: 4, port: 0, host }], bootstrap: known })
  node.state$.subscribe({ error })
  ports.push(await firstValueFrom(node.port$))
}
console.log(JSON.stringify({ event: 'listening', ports }))
