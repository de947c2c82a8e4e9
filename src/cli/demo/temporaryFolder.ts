import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Observable } from 'rxjs'

/** A folder of one's own below `parent`. Cold; emits once; unsubscribing removes it, and so does the process's end. */
export const temporaryFolder = (parent: string): Observable<string> =>
  new Observable((subscriber) => {
    const folder = mkdtempSync(join(parent, 'rxtorrent-demo-'))
    const remove = (): void => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    }
    process.once('exit', remove)
    subscriber.next(folder)
    return () => {
      process.off('exit', remove)
      remove()
    }
  })
