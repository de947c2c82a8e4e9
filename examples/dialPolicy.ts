/**
 * Whom to dial: a policy made of parts. Peers of the office network come first, one connection with each host, six in
 * all, and nobody over IPv6.
 *
 * Runs in virtual time, where nobody answers: what it prints is whom the session dials, in order, with the default
 * policy and with ours.
 */
import {
  createSession,
  defaultPolicies,
  dialOnly,
  maxConnected,
  maxPerHost,
  replay,
  type PeerPolicy,
} from 'rxtorrent'
import type { PeerAddress, SessionConfig, SessionEvent } from 'rxtorrent'
import { createVirtualWorld } from 'rxtorrent/testing'
import { virtualTorrent } from './support/virtualTorrent.js'

const isOffice = ({ host }: PeerAddress): boolean => host.startsWith('192.168.7.')

/** The office in the default order, then the others in theirs. */
const officeFirst: PeerPolicy = (ctx) => {
  const ranked = defaultPolicies.peer({ ...ctx, room: ctx.candidates.length })
  return [...ranked.filter(isOffice), ...ranked.filter((address) => !isOffice(address))].slice(0, ctx.room)
}

const ours: PeerPolicy = [maxPerHost(1), maxConnected(6), dialOnly(({ host }) => !host.includes(':'))].reduce(
  (policy, restrict) => restrict(policy),
  officeFirst,
)

const known: ReadonlyArray<PeerAddress> = [
  ...[1, 2, 3, 4].map((port) => ({ host: '203.0.113.9', port })),
  ...[1, 2, 3].map((n) => ({ host: `198.51.100.${String(n)}`, port: 6_881 })),
  ...[1, 2].map((n) => ({ host: `192.168.7.${String(n)}`, port: 6_881 })),
  { host: '2001:db8::1', port: 6_881 },
]

/** The log of a session is enough to know all that it did. */
const dialledWith = (peer: PeerPolicy): ReadonlyArray<string> => {
  const { metainfo } = virtualTorrent(4, 65_536)
  const world = createVirtualWorld({ seed: 1 })
  const session = createSession(metainfo, world.host('192.168.7.99').deps, {
    peers: known,
    policies: { peer },
  })
  const log: SessionEvent[] = []
  let config: SessionConfig | undefined
  const fail = (thrown: unknown): void => {
    throw thrown
  }
  const running = session.event$.subscribe({ next: (event) => log.push(event), error: fail })
  running.add(session.config$.subscribe({ next: (started) => (config = started), error: fail }))
  world.clock.advanceBy(3_000)
  running.unsubscribe()
  return [...replay(config!, log)]
    .flatMap(({ effects }) => effects)
    .flatMap((effect) =>
      effect._tag === 'Dial' ? [`${effect.address.host} ${String(effect.address.port)}`] : [],
    )
}

const usual = dialledWith(defaultPolicies.peer)
const chosen = dialledWith(ours)
console.log('default:', usual.join(', '))
console.log('ours:   ', chosen.join(', '))

const hosts = chosen.map((address) => address.split(' ')[0]!)
if (usual.length !== known.length) throw new Error('the default policy did not dial everybody')
if (!hosts.slice(0, 2).every((host) => host.startsWith('192.168.7.')))
  throw new Error('the office did not come first')
if (new Set(hosts).size !== hosts.length) throw new Error('a host was dialled twice')
if (hosts.length !== 6) throw new Error('that is not six connections')
if (hosts.some((host) => host.includes(':'))) throw new Error('somebody was dialled over IPv6')
