import { lookup } from 'node:dns'
import { Observable } from 'rxjs'

/** The IP addresses that the system has for a name; none where it has none. Cold; emits once. */
export const lookUpHost = (host: string): Observable<ReadonlyArray<string>> =>
  new Observable((subscriber) => {
    lookup(host, { all: true }, (error, found) => {
      subscriber.next(error === null ? found.map(({ address }) => address) : [])
      subscriber.complete()
    })
  })
