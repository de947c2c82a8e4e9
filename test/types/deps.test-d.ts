// Compiled by `npm run test:types`, never run: a wrong type is a compiler error here.
import type { Observable } from 'rxjs'
import { expectTypeOf } from 'vitest'
import type { Either } from '#fp/Either'
import type { SessionDeps, SocketError, StorageError } from '../../src/streams/deps.js'

// An expected failure is a value of the stream, told apart by its tag.
type Sent<F> = F extends (...args: never[]) => Observable<infer T> ? T : never
expectTypeOf<Sent<SessionDeps['network']['connect']>>().toExtend<Either<SocketError, unknown>>()
expectTypeOf<Sent<SessionDeps['network']['listen']>>().toExtend<Either<SocketError, unknown>>()
expectTypeOf<Sent<SessionDeps['openStorage']>>().toExtend<Either<StorageError, unknown>>()

// The seam is plain data: nothing in it can be replaced after the session has started.
expectTypeOf<SessionDeps>().toEqualTypeOf<Readonly<SessionDeps>>()
