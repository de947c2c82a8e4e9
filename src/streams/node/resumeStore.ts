import { defer, finalize, map, Observable, type Subscriber } from 'rxjs'
import { resolve } from 'node:path'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { FlushReach } from '../../operators/resume/syncedPieces.js'
import type { ResumeError, ResumeStore } from '../deps.js'
import { oneAtATime } from '../disk/oneAtATime.js'
import { fail, type SystemResult } from './fsCall.js'
import { createSaveFolder, loadResume, removeResume, saveResume } from './resumeFile.js'

export interface NodeResumeOptions {
  /** The download folder; made with the first save where it is not there. */
  readonly directory: string
  /** Whether a torrent's file goes along when its data moves to another folder; false unless given. */
  readonly followsData?: boolean
}

/** A save whose turn has not come, and all who wait for it. */
interface WaitingSave {
  bytes: Uint8Array
  reach: FlushReach
  readonly subscribers: Subscriber<Either<ResumeError, void>>[]
}

interface Line {
  readonly inLine: ReturnType<typeof oneAtATime>
  waiting: WaitingSave | undefined
  /** Who stands in it. */
  users: number
}

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * Resume data as files `.rxtorrent/<infohash>.resume` in the download folder, readable by their owner only: they may hold
 * passkeys. One save of a torrent runs at a time; while it does, only the newest of the others waits, and who asked for
 * an older one is answered with it.
 *
 * @example
 * ```ts
 * const deps = { ...nodeDeps({ directory }), resume: nodeResumeStore({ directory: 'elsewhere' }) }
 * ```
 */
export const nodeResumeStore = ({ directory, followsData = false }: NodeResumeOptions): ResumeStore => {
  const root = resolve(directory)
  const folder = createSaveFolder(root)
  const lines = new Map<string, Line>()

  const lineOf = (id: string): Line => {
    const known = lines.get(id)
    if (known !== undefined) return known
    const line: Line = { inLine: oneAtATime(), waiting: undefined, users: 0 }
    lines.set(id, line)
    return line
  }

  /** Runs in the torrent's line, which is there only while somebody stands in it. */
  const inLine = <A>(id: string, line: Line, work$: Observable<A>): Observable<A> =>
    new Observable((subscriber) => {
      let hasBegun = false
      const leave = (): void => {
        line.users--
        if (line.users === 0) lines.delete(id)
      }
      line.users++
      subscriber.add(() => {
        if (!hasBegun) leave()
      })
      const working$ = defer(() => {
        hasBegun = true
        return work$
      }).pipe(finalize(leave))
      subscriber.add(line.inLine(working$).subscribe(subscriber))
    })

  const failed =
    (operation: 'load' | 'save' | 'remove') =>
    (code: string): ResumeError => ({ _tag: 'ResumeStoreFailed', operation, code })

  const named = <A>(id: string, run: () => Observable<SystemResult<A>>): Observable<SystemResult<A>> =>
    defer(() => (ID.test(id) ? run() : fail('EINVAL')))

  const queueSave = (id: string, line: Line, save: WaitingSave): void => {
    line.waiting = save
    const saved$ = defer(() => {
      line.waiting = undefined
      return named(id, () => saveResume(folder, id, save.bytes, save.reach)).pipe(
        map(E.mapLeft(failed('save'))),
      )
    })
    inLine(id, line, saved$).subscribe({
      next: (answer) => {
        for (const subscriber of save.subscribers) {
          subscriber.next(answer)
          subscriber.complete()
        }
      },
      error: (thrown: unknown) => {
        for (const subscriber of save.subscribers) subscriber.error(thrown)
      },
    })
  }

  return {
    ...(followsData
      ? { at: (elsewhere: string) => nodeResumeStore({ directory: elsewhere, followsData }) }
      : {}),
    load: (id) =>
      defer(() =>
        inLine(
          id,
          lineOf(id),
          named(id, () => loadResume(root, id)),
        ),
      ).pipe(map(E.mapLeft(failed('load')))),
    save: (id, bytes, reach = 'device') =>
      new Observable((subscriber) => {
        const line = lineOf(id)
        if (line.waiting === undefined) queueSave(id, line, { bytes, reach, subscribers: [subscriber] })
        else {
          line.waiting.bytes = bytes
          if (reach === 'device') line.waiting.reach = reach
          line.waiting.subscribers.push(subscriber)
        }
      }),
    remove: (id) =>
      defer(() => {
        const line = lineOf(id)
        // What is saved from here on comes after.
        line.waiting = undefined
        return inLine(
          id,
          line,
          named(id, () => removeResume(folder, id)),
        ).pipe(map(E.mapLeft(failed('remove'))))
      }),
  }
}
