import { mergeMap, type Observable } from 'rxjs'
import type { Dht } from '../../index.js'
import { jsonLine, plainText } from '../format/plainText.js'
import { data, say, type Output } from '../output.js'

/** That this machine has no such addresses is nothing to be told of each time. */
const NO_SUCH_FAMILY: ReadonlyArray<string> = ['EAFNOSUPPORT', 'EADDRNOTAVAIL']

/** What is to be told of the DHT: where its port cannot be had, or was lost. */
export const dhtOutput = ({ alert$ }: Pick<Dht, 'alert$'>, json: boolean): Observable<Output> =>
  alert$.pipe(
    mergeMap((notice) => {
      if (notice._tag !== 'DhtListenFailed') return []
      const { family, code } = notice
      if (json) return [data(jsonLine({ event: 'dhtUnavailable', family, code }))]
      if (NO_SUCH_FAMILY.includes(code)) return []
      return [say(`no DHT over IPv${String(family)} (${plainText(code)})`)]
    }),
  )
