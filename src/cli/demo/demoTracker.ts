import { createServer } from 'node:http'
import { Observable } from 'rxjs'

const INTERVAL_SECONDS = 60

/** Ports of the peers, all of them on loopback, and whether they have it all. */
type Swarm = Map<number, boolean>

/**
 * A tracker (BEP 3, with BEP 23's compact answers) for this machine alone: enough for a swarm on loopback. Cold; emits
 * its announce URL once it listens; unsubscribing closes it.
 */
export const demoTracker = (): Observable<string> =>
  new Observable((subscriber) => {
    const swarms = new Map<string, Swarm>()
    const server = createServer((request, response) => {
      const [path, query = ''] = (request.url ?? '').split('?')
      const answer = path === '/announce' ? announce(swarms, parametersOf(query)) : undefined
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/plain' })
      response.end(answer)
    })
    server.on('error', (error) => {
      subscriber.error(error)
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null)
        subscriber.next(`http://127.0.0.1:${String(address.port)}/announce`)
    })
    return () => {
      server.close()
      server.closeAllConnections()
    }
  })

/** Values stay percent-encoded: an infohash is bytes, not text, and need only be told from others. */
const parametersOf = (query: string): ReadonlyMap<string, string> =>
  new Map(
    query.split('&').map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return [name, value]
    }),
  )

const announce = (swarms: Map<string, Swarm>, asked: ReadonlyMap<string, string>): Uint8Array => {
  const infohash = asked.get('info_hash') ?? ''
  const port = Number(asked.get('port'))
  if (infohash === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return failure('no infohash or port')
  const swarm: Swarm = swarms.get(infohash) ?? new Map<number, boolean>()
  swarms.set(infohash, swarm)
  if (asked.get('event') === 'stopped') swarm.delete(port)
  else swarm.set(port, asked.get('left') === '0')
  return answer(swarm, port)
}

const failure = (reason: string): Uint8Array =>
  Buffer.from(`d14:failure reason${String(reason.length)}:${reason}e`, 'latin1')

/** Everybody but the one who asks. */
const answer = (swarm: Swarm, asker: number): Uint8Array => {
  const others = [...swarm.keys()].filter((port) => port !== asker)
  const complete = [...swarm.values()].filter(Boolean).length
  const counts = `8:completei${String(complete)}e10:incompletei${String(swarm.size - complete)}e`
  const head = `d${counts}8:intervali${String(INTERVAL_SECONDS)}e5:peers${String(others.length * 6)}:`
  const peers = Buffer.from(others.flatMap((port) => [127, 0, 0, 1, port >> 8, port & 0xff]))
  return Buffer.concat([Buffer.from(head, 'latin1'), peers, Buffer.from('e', 'latin1')])
}
