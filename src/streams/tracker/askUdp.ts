import { defer, ignoreElements, merge, type Observable, switchMap, take } from 'rxjs'
import * as O from '#fp/Option'
import { decodeUdpResponse, type UdpQuestion, type UdpResponse } from '../../codecs/udpTracker/udpResponse.js'
import { after } from '../../operators/rx/after.js'
import type { Clock, Datagram, DatagramSocket, Random } from '../deps.js'
import type { Endpoint } from './endpoints.js'

/** BEP 15: an answer is waited for 15·2ⁿ seconds, and n goes up to 8. */
export const FIRST_WAIT_MS = 15_000
const MOST_DOUBLINGS = 8
/** Up to so much longer, so that those who ask a tracker that fell do not ask again as one. */
const JITTER = 0.25

/**
 * Puts one question to a tracker, again and again, less and less often, until it is answered; who asks sets the limit.
 * Only packets from the very address that was asked, with the number of this question, are answers: others change
 * nothing. How long the tracker has been silent is remembered with it, so that the next who asks goes on from there.
 */
export const askUdp = (
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  socket: DatagramSocket,
  endpoint: Endpoint,
  action: UdpQuestion['action'],
  encode: (transactionId: number) => Uint8Array,
): Observable<UdpResponse> =>
  defer(() => {
    const question = { action, transactionId: uint32(random), family: endpoint.family }
    const packet = encode(question.transactionId)
    endpoint.askedAt ??= clock.now()

    const sends = (doublings: number): Observable<never> =>
      defer(() => {
        socket.send(packet, endpoint.address)
        const jitter = 1 + (JITTER * uint32(random)) / 2 ** 32
        return after(FIRST_WAIT_MS * 2 ** doublings * jitter, clock)
      }).pipe(
        switchMap(() => {
          const next = Math.min(MOST_DOUBLINGS, doublings + 1)
          endpoint.silence = Math.max(endpoint.silence, next)
          return sends(next)
        }),
        ignoreElements(),
      )

    const answers$ = socket.datagram$.pipe(
      switchMap((datagram) => {
        const answer = isFrom(endpoint, datagram) ? decodeUdpResponse(datagram.bytes, question) : O.none
        if (O.isNone(answer)) return []
        endpoint.silence = 0
        endpoint.askedAt = undefined
        return [answer.value]
      }),
    )
    return merge(answers$, sends(endpoint.silence)).pipe(take(1))
  })

const isFrom = ({ address }: Endpoint, { from }: Datagram): boolean =>
  from.host === address.host && from.port === address.port

const uint32 = (random: Random): number => {
  const bytes = random.bytes(4)
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
