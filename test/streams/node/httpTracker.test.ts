import type { IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import { createConnection } from 'node:net'
import { gzipSync } from 'node:zlib'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { AnnounceRequest, AnnounceResponse } from '../../../src/codecs/announce.js'
import type { IpScope } from '../../../src/codecs/ipAddress.js'
import type { ScrapeEntry } from '../../../src/codecs/scrapeResponse.js'
import type { TrackerError } from '../../../src/codecs/trackerError.js'
import type { HttpTrackerOptions } from '../../../src/streams/node/httpTracker.js'
import { httpTracker } from '../../../src/streams/node/httpTracker.js'
import { httpServer, httpsServer, rawServer } from '../../support/httpServers.js'
import { LOCALHOST_CERTIFICATE } from '../../support/localhostCertificate.js'

const REQUEST: AnnounceRequest = {
  infohash: Uint8Array.from({ length: 20 }, (_, i) => 250 - i * 13),
  peerId: new Uint8Array(20).fill(0x41),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: 'started',
  numWant: 50,
  key: 7,
  trackerId: undefined,
}

const OK = Buffer.from('d8:intervali900e5:peers6:\x7f\x00\x00\x01\x1a\xe1e', 'latin1')
const ONE_PEER = E.right({ interval: 900, peers: [{ host: '127.0.0.1', port: 6881 }] })

const announce = (
  url: string,
  options: HttpTrackerOptions = {},
  request = REQUEST,
): Promise<Either<TrackerError, AnnounceResponse>> =>
  firstValueFrom(httpTracker(options).announce(url, request))

const timeout = E.left({ _tag: 'TrackerTimeout' })
const redirectRefused = E.left({ _tag: 'TrackerRedirectRefused' })

/** Raw bytes of a query argument. */
const argument = (request: IncomingMessage, name: string): Buffer => {
  const encoded = new RegExp(`[?&]${name}=([^&]*)`).exec(request.url ?? '')?.[1] ?? ''
  return Buffer.from(
    encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  )
}

describe('httpTracker', () => {
  it('announces, emits once, completes, and closes its connection', async () => {
    const seen: IncomingMessage[] = []
    const server = await httpServer((request, response) => {
      seen.push(request)
      response.end(OK)
    })
    const announce$ = httpTracker().announce(`http://${server.host}/announce?passkey=x`, REQUEST)
    expect(seen).toEqual([])
    expect(await lastValueFrom(announce$.pipe(toArray()))).toMatchObject([ONE_PEER])
    await server.quiet()
    const [request] = seen
    expect(request?.url).toMatch(/^\/announce\?passkey=x&info_hash=%FA%ED/)
    expect(request && new Uint8Array(argument(request, 'info_hash'))).toEqual(REQUEST.infohash)
    expect(request?.headers['user-agent']).toMatch(/^rxtorrent\/\d/)
    expect(seen.length).toBe(1)
  })

  it('asks anew on each subscription', async () => {
    const server = await httpServer((_, response) => response.end(OK))
    const announce$ = httpTracker().announce(`http://${server.host}/announce`, REQUEST)
    await firstValueFrom(announce$)
    await firstValueFrom(announce$)
    expect(server.accepted()).toBe(2)
  })

  it('reads compressed answers', async () => {
    const server = await httpServer((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip')
      response.setHeader('content-encoding', 'gzip').end(gzipSync(OK))
    })
    expect(await announce(`http://${server.host}/announce`)).toMatchObject(ONE_PEER)
  })

  it('sends userinfo as credentials', async () => {
    const server = await httpServer((request, response) => {
      expect(request.headers.authorization).toBe(`Basic ${Buffer.from('us er:p@ss').toString('base64')}`)
      response.end(OK)
    })
    expect(await announce(`http://us%20er:p%40ss@${server.host}/announce`)).toMatchObject(ONE_PEER)
  })

  it('gives the reason of a tracker that says no, whatever the status', async () => {
    const failure = { _tag: 'TrackerFailure', reason: 'not registered', retryInSeconds: 600 }
    for (const status of [200, 403]) {
      const server = await httpServer((_, response) => {
        response.writeHead(status).end('d14:failure reason14:not registered8:retry ini10ee')
      })
      expect(await announce(`http://${server.host}/announce`)).toEqual(E.left(failure))
    }
  })

  it.each([404, 503])('reports status %i', async (status) => {
    const server = await httpServer((_, response) => response.writeHead(status).end('<html>'))
    expect(await announce(`http://${server.host}/announce`)).toEqual(
      E.left({ _tag: 'TrackerHttpStatus', status }),
    )
  })

  it('reports what is not an answer', async () => {
    const server = await httpServer((_, response) => response.end('<html>please log in</html>'))
    expect(await announce(`http://${server.host}/announce`)).toMatchObject(
      E.left({ _tag: 'InvalidTrackerResponse', error: { _tag: 'BencodeError' } }),
    )
  })

  it('reports a tracker that is not there', async () => {
    const server = await httpServer(() => undefined)
    const free = await httpServer(() => undefined)
    const port = String(free.port)
    await new Promise((resolve) => createConnection(server.port, '127.0.0.1').on('connect', resolve).end())
    // Nothing listens on ::1 there, and nothing ever did on port 1.
    for (const url of [`http://127.0.0.1:1/announce`, `http://[::1]:${port}/announce`]) {
      expect(await announce(url)).toMatchObject(E.left({ _tag: 'TrackerUnreachable' }))
    }
  })

  it.each([
    ['udp://127.0.0.1:1', 'UnsupportedTracker'],
    ['ftp://127.0.0.1/announce', 'UnsupportedTracker'],
    ['http://127.0.0.1/announce?info_hash=x', 'InvalidTrackerUrl'],
    ['nonsense', 'InvalidTrackerUrl'],
  ])('does not open %s', async (url, tag) => {
    expect(await announce(url)).toMatchObject(E.left({ _tag: tag }))
  })
})

describe('time limits', () => {
  it('gives up on a tracker that says nothing', async () => {
    const server = await rawServer(() => undefined)
    expect(await announce(`http://${server.host}/announce`, { receiveTimeout: 50 })).toEqual(timeout)
    await server.quiet()
  })

  it('reports a tracker that turns to another protocol', async () => {
    const server = await rawServer((socket) =>
      socket.write('HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    )
    expect(await announce(`http://${server.host}/announce`)).toEqual(
      E.left({ _tag: 'TrackerUnreachable', code: 'ECONNRESET' }),
    )
    await server.quiet()
  })

  it('gives up on a tracker that never ends', async () => {
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const timer = setInterval(() => socket.write('d'), 20)
      socket.on('close', () => {
        clearInterval(timer)
      })
    })
    expect(await announce(`http://${server.host}/announce`, { announceTimeout: 150 })).toEqual(timeout)
    await server.quiet()
  })

  it('gives `stopped` less time', async () => {
    const server = await rawServer(() => undefined)
    const stopped = { ...REQUEST, event: 'stopped' as const }
    expect(await announce(`http://${server.host}/announce`, { stopTimeout: 50 }, stopped)).toEqual(timeout)
    await server.quiet()
  })

  it('closes the connection at once when unsubscribed', async () => {
    const asked = deferred()
    const server = await rawServer(() => {
      asked.resolve()
    })
    const subscription = httpTracker()
      .announce(`http://${server.host}/announce`, REQUEST)
      .subscribe({ next: fail, error: fail, complete: fail })
    await asked.promise
    subscription.unsubscribe()
    await server.quiet()
  })

  it('connects no more when unsubscribed during the lookup', async () => {
    const server = await httpServer((_, response) => response.end(OK))
    const asked = deferred()
    let release = (): void => undefined
    const lookup: LookupFunction = (_, __, callback) => {
      asked.resolve()
      release = () => {
        callback(null, [{ address: '127.0.0.1', family: 4 }])
      }
    }
    const subscription = httpTracker({ lookup })
      .announce(`http://tracker.test:${String(server.port)}/announce`, REQUEST)
      .subscribe({ next: fail, error: fail })
    await asked.promise
    subscription.unsubscribe()
    release()
    expect(await announce(`http://${server.host}/announce`)).toMatchObject(ONE_PEER)
    expect(server.accepted()).toBe(1)
  })
})

describe('hostile answers', () => {
  const tooLarge = E.left({ _tag: 'TrackerResponseTooLarge', allowed: 1_048_576 })

  it('cuts an endless body at 1 MiB and drops the connection', async () => {
    let sent = 0
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nd5:peers')
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) sent += 65_536
      }
      socket.on('drain', more)
      more()
    })
    expect(await announce(`http://${server.host}/announce`)).toEqual(tooLarge)
    await server.quiet()
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })

  it('cuts a gzip bomb at 1 MiB of decoded bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const server = await httpServer((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb))
    expect(bomb.length).toBeLessThan(100_000)
    expect(await announce(`http://${server.host}/announce`)).toEqual(tooLarge)
    await server.quiet()
  })

  it('takes an answer of exactly 1 MiB', async () => {
    const head = 'd1:x1048563:'
    const server = await httpServer((_, response) =>
      response.end(`${head}${'y'.repeat(1_048_576 - head.length - 1)}e`),
    )
    expect(await announce(`http://${server.host}/announce`)).toMatchObject(E.right({ peers: [] }))
  })

  it.each([
    ['is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['has a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nd5:peers0:e'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 11\r\n\r\nd5:peers0:e'],
    [
      'has a chunk length that is no number',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\nd5:peers0:e\r\n',
    ],
    [
      'has an overflowing chunk length',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nd\r\n',
    ],
    ['ends inside a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\nd5:peers'],
    ['ends before its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nd5:peers0:e'],
    ['ends in its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['has an endless head', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
    ['is of an encoding nobody asked for', 'HTTP/1.1 200 OK\r\ncontent-encoding: br\r\n\r\nd5:peers0:e'],
    ['is not the gzip it says it is', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nd5:peers0:e'],
    ['is empty', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('answers with an error where the answer %s', async (_, bytes) => {
    const server = await rawServer((socket) => socket.end(bytes))
    const result = await announce(`http://${server.host}/announce`, { receiveTimeout: 500 })
    expect(result).toMatchObject(E.left({}))
    await server.quiet()
  })
})

describe('redirects', () => {
  it('follows five, with the query that the tracker gives', async () => {
    const server = await httpServer((request, response) => {
      const hop = Number(new URL(request.url ?? '', 'http://x').searchParams.get('hop') ?? 5)
      if (hop === 0) response.end(OK)
      else response.writeHead(302, { location: `/announce?hop=${String(hop - 1)}` }).end()
    })
    expect(await announce(`http://${server.host}/announce`)).toMatchObject(ONE_PEER)
    expect(server.accepted()).toBe(6)
    await server.quiet()
  })

  it('does not follow a sixth', async () => {
    const server = await httpServer((_, response) => response.writeHead(307, { location: '/announce' }).end())
    expect(await announce(`http://${server.host}/announce`)).toEqual(redirectRefused)
    expect(server.accepted()).toBe(6)
  })

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/announce', 'http://', 'gopher://x'])(
    'does not follow one to %s',
    async (location) => {
      const server = await httpServer((_, response) => response.writeHead(302, { location }).end())
      expect(await announce(`http://${server.host}/announce`)).toEqual(redirectRefused)
    },
  )

  it('leaves credentials behind at another origin', async () => {
    const credentials: (string | undefined)[] = []
    const other = await httpServer((request, response) => {
      credentials.push(request.headers.authorization)
      response.end(OK)
    })
    const server = await httpServer((request, response) => {
      credentials.push(request.headers.authorization)
      const location = credentials.length === 1 ? '/announce/2' : `http://${other.host}/announce`
      response.writeHead(301, { location }).end()
    })
    expect(await announce(`http://user:word@${server.host}/announce`)).toMatchObject(ONE_PEER)
    const basic = `Basic ${Buffer.from('user:word').toString('base64')}`
    expect(credentials).toEqual([basic, basic, undefined])
  })
})

describe('networks', () => {
  const addressRefused = E.left({ _tag: 'TrackerAddressRefused' })

  /** Names resolve to this machine; ::1 plays the internet and 127.0.0.1 stays what it is. */
  const lookup: LookupFunction = (hostname, _, callback) => {
    const address = hostname === 'global.test' ? '::1' : '127.0.0.1'
    callback(null, [{ address, family: address === '::1' ? 6 : 4 }])
  }
  const scopeOf = (ip: Uint8Array): IpScope => (ip.length === 16 ? 'global' : 'loopback')

  it.each(['127.0.0.1', '2130706433', '0x7f.1', 'tracker.test'])(
    'asks %s for nothing but /announce',
    async (host) => {
      const server = await httpServer((_, response) => response.end(OK))
      const url = (path: string): string => `http://${host}:${String(server.port)}${path}`
      for (const path of ['/', '/admin', '/x/announce', '/announce/../admin', '/%61nnounce']) {
        expect(await announce(url(path), { lookup })).toEqual(addressRefused)
      }
      expect(server.accepted()).toBe(0)
      expect(await announce(url('/announce.php'), { lookup })).toMatchObject(ONE_PEER)
    },
  )

  it.each(['127.0.0.1', 'local.test'])('does not follow from the internet to %s', async (host) => {
    const inner = await httpServer((_, response) => response.end(OK))
    const location = `http://${host}:${String(inner.port)}/announce`
    const outer = await httpServer((_, response) => response.writeHead(302, { location }).end(), '::1')
    const url = `http://global.test:${String(outer.port)}/announce`
    expect(await announce(url, { lookup, scopeOf })).toEqual(redirectRefused)
    expect(outer.accepted()).toBe(1)
    expect(inner.accepted()).toBe(0)
    // The same redirect is fine where both are as near.
    expect(await announce(url, { lookup })).toMatchObject(ONE_PEER)
  })

  it('dials only the allowed ones of the addresses of a name', async () => {
    const inner = await httpServer((_, response) => response.end(OK))
    const both: LookupFunction = (_, __, callback) => {
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ])
    }
    const url = `http://tracker.test:${String(inner.port)}/admin`
    expect(await announce(url, { lookup: both, scopeOf })).toMatchObject(
      E.left({ _tag: 'TrackerUnreachable' }),
    )
    expect(inner.accepted()).toBe(0)
  })

  it('reports a name that is not known', async () => {
    const nobody: LookupFunction = (_, __, callback) => {
      callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), [])
    }
    expect(await announce('http://tracker.test/announce', { lookup: nobody })).toEqual(
      E.left({ _tag: 'TrackerUnreachable', code: 'ENOTFOUND' }),
    )
  })
})

describe('the two families', () => {
  const both: LookupFunction = (_, __, callback) => {
    callback(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
  }
  const isSix = ({ socket }: IncomingMessage): boolean => socket.remoteAddress === '::1'
  const six = Buffer.concat([
    Buffer.from('d8:completei5e8:intervali1800e12:min intervali60e6:peers618:'),
    Buffer.alloc(16, 0x20),
    Buffer.from('\x1a\xe2e', 'latin1'),
  ])
  const SIX_PEER = { host: '2020:2020:2020:2020:2020:2020:2020:2020', port: 6_882 }
  const FOUR_PEER = { host: '127.0.0.1', port: 6_881 }

  it('are both announced to, once each, and answer as one (BEP 7)', async () => {
    const server = await httpServer((request, response) => response.end(isSix(request) ? six : OK), '::')
    let lookUps = 0
    const lookup: LookupFunction = (...args) => {
      lookUps++
      both(...args)
    }
    const answer = await announce(`http://tracker.test:${String(server.port)}/announce`, { lookup })
    expect(answer).toMatchObject(E.right({ interval: 1_800, minInterval: 60, complete: 5 }))
    const peers = E.isRight(answer) ? answer.right.peers : []
    expect(peers).toHaveLength(2)
    expect(peers).toEqual(expect.arrayContaining([FOUR_PEER, SIX_PEER]))
    expect([server.accepted(), lookUps]).toEqual([2, 1])
  })

  it('are one where the name has one address, or is one', async () => {
    const server = await httpServer((_, response) => response.end(OK), '::')
    const one: LookupFunction = (_, __, callback) => {
      callback(null, [{ address: '::1', family: 6 }])
    }
    for (const host of ['tracker.test', '127.0.0.1', '[::1]']) {
      const url = `http://${host}:${String(server.port)}/announce`
      expect(await announce(url, { lookup: one })).toMatchObject(ONE_PEER)
    }
    expect(server.accepted()).toBe(3)
  })

  it('do not fail with each other', async () => {
    const server = await httpServer((_, response) => response.end(OK))
    const url = `http://tracker.test:${String(server.port)}/announce`
    expect(await announce(url, { lookup: both })).toMatchObject(ONE_PEER)
    const refusing = await httpServer(
      (request, response) => response.end(isSix(request) ? 'd14:failure reason2:noe' : OK),
      '::',
    )
    const refused = `http://tracker.test:${String(refusing.port)}/announce`
    expect(await announce(refused, { lookup: both })).toMatchObject(ONE_PEER)
  })

  it('fail with what the tracker says, where both do', async () => {
    const server = await httpServer((_, response) => response.end('d14:failure reason2:noe'))
    const url = `http://tracker.test:${String(server.port)}/announce`
    expect(await announce(url, { lookup: both })).toMatchObject(
      E.left({ _tag: 'TrackerFailure', reason: 'no' }),
    )
  })

  it('wait for each other, shorter where one was silent before', async () => {
    const server = await httpServer((request, response) => {
      if (!isSix(request)) response.end(OK)
    }, '::')
    const tracker = httpTracker({ lookup: both })
    const url = `http://tracker.test:${String(server.port)}/announce`
    const timed = async (): Promise<number> => {
      const from = performance.now()
      expect(await firstValueFrom(tracker.announce(url, REQUEST))).toMatchObject(ONE_PEER)
      return performance.now() - from
    }
    const [first, second] = [await timed(), await timed()]
    expect(first).toBeGreaterThan(1_900)
    expect(second).toBeLessThan(first / 2)
    await server.quiet()
  })

  it('are kept to by a redirect, each to its own', async () => {
    const asked: boolean[] = []
    const to = await httpServer((request, response) => {
      asked.push(isSix(request))
      response.end(OK)
    }, '::')
    const location = `http://elsewhere.test:${String(to.port)}/announce`
    const from = await httpServer((_, response) => response.writeHead(302, { location }).end(), '::')
    const url = `http://tracker.test:${String(from.port)}/announce`
    expect(await announce(url, { lookup: both })).toMatchObject(E.right({ interval: 900 }))
    expect(asked.toSorted()).toEqual([false, true])
  })
})

describe('TLS', () => {
  it('does not talk to a tracker whose certificate nobody vouches for', async () => {
    const asked: unknown[] = []
    const server = await httpsServer((request) => asked.push(request))
    expect(await announce(`https://${server.host}/announce`)).toMatchObject(
      E.left({ _tag: 'TrackerUnreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    )
    expect(asked).toEqual([])
    await server.quiet()
  })

  it('talks to one that a given authority vouches for, under its own name only', async () => {
    const server = await httpsServer((_, response) => response.end(OK))
    const lookup: LookupFunction = (_, __, callback) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }])
    }
    const ask = (host: string) =>
      announce(`https://${host}:${String(server.port)}/announce`, { lookup, ca: LOCALHOST_CERTIFICATE })
    expect(await ask('tracker.test')).toMatchObject(ONE_PEER)
    expect(await ask('other.test')).toMatchObject(E.left({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }))
    await server.quiet()
  })
})

describe('secrets', () => {
  it('are in no error', async () => {
    const secret = 'c0ffee5ecret'
    const moved = await httpServer((_, response) =>
      response.writeHead(302, { location: `ftp://127.0.0.1/${secret}` }).end(),
    )
    const broken = await rawServer((socket) => socket.end(`HTTP/1.1 ${secret}\r\n\r\n`))
    const silent = await rawServer(() => undefined)
    const garbage = await httpServer((_, response) => response.end(`d7:${secret}e`))
    const hosts = [moved, broken, silent, garbage].map((server) => server.host)
    for (const host of [...hosts, '127.0.0.1:1', `${secret}.invalid`]) {
      const url = `http://${secret}:${secret}@${host}/announce/${secret}?passkey=${secret}`
      const result = await announce(url, { receiveTimeout: 50 })
      expect(E.isLeft(result)).toBe(true)
      expect(JSON.stringify(result)).not.toContain(secret)
    }
  })
})

const deferred = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const fail = (value?: unknown): void => {
  throw new Error(`nothing was to come, but there was ${String(value)}`)
}

describe('scrape', () => {
  const scrape = (url: string, count = 1): Promise<Either<TrackerError, ReadonlyMap<string, ScrapeEntry>>> =>
    firstValueFrom(
      httpTracker().scrape(
        url,
        Array.from({ length: count }, (_, i) => new Uint8Array(20).fill(i)),
      ),
    )
  const entry = (byte: string): string =>
    `20:${byte.repeat(20)}d8:completei1e10:downloadedi2e10:incompletei3ee`

  it('asks beside the announce, for what it was told to, and keeps nothing else', async () => {
    const seen: (string | undefined)[] = []
    const server = await httpServer((request, response) => {
      seen.push(request.url)
      response.end(`d5:filesd${entry('\0')}${entry('x')}ee`)
    })
    expect(await scrape(`http://${server.host}/announce.php?passkey=x`)).toEqual(
      E.right(
        new Map([['00'.repeat(20), { complete: 1, downloaded: 2, incomplete: 3, downloaders: undefined }]]),
      ),
    )
    expect(seen).toEqual([`/scrape.php?passkey=x&info_hash=${'%00'.repeat(20)}`])
    await server.quiet()
  })

  it('asks for 74 torrents at a time', async () => {
    const counts: number[] = []
    const server = await httpServer((request, response) => {
      counts.push((request.url ?? '').split('info_hash=').length - 1)
      response.end('d5:filesdee')
    })
    expect(await scrape(`http://${server.host}/announce`, 100)).toEqual(E.right(new Map()))
    expect(counts).toEqual([74, 26])
  })

  it.each([
    ['/x', { _tag: 'ScrapeUnsupported' }],
    ['/announce/x', { _tag: 'ScrapeUnsupported' }],
    ['/admin/announce', { _tag: 'TrackerAddressRefused' }],
    ['/announce', { _tag: 'TrackerFailure', reason: 'no', retryInSeconds: undefined }],
  ])('fails as a value at %s', async (path, error) => {
    const server = await httpServer((_, response) => response.end('d14:failure reason2:noe'))
    expect(await scrape(`http://${server.host}${path}`)).toEqual(E.left(error))
  })
})
