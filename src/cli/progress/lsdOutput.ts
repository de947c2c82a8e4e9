import { mergeMap, type Observable } from 'rxjs'
import type { Lsd } from '../../index.js'
import { plainText } from '../format/plainText.js'
import { say, type Output } from '../output.js'
import type { Report } from './report.js'

/** What is to be told of local discovery: where it does not work. */
export const lsdOutput = ({ alert$ }: Lsd, report: Report): Observable<Output> =>
  alert$.pipe(
    mergeMap(({ family, interface: name, code }) => {
      const event = report.event({ event: 'lsdUnavailable', family, interface: name ?? null, code })
      const where = `IPv${String(family)}${name === undefined ? '' : ` at ${plainText(name)}`}`
      return [event ?? say(`no local discovery over ${where} (${plainText(code)})`)]
    }),
  )
