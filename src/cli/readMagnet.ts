import * as E from '#fp/Either'
import { decodeMagnet, showDecodeError, type Magnet } from '../index.js'
import { exitCode } from './exitCode.js'
import { end, type End } from './output.js'

/** The link, or why it is none. */
export const readMagnet = (text: string): E.Either<End, Magnet> =>
  E.mapLeft((error: Parameters<typeof showDecodeError>[0]) =>
    end(exitCode.badTorrent, `not a usable magnet link: ${showDecodeError(error)}`),
  )(decodeMagnet(text))
