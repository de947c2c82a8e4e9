import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { equalBytes } from '../bytes.js'
import type { DhtItem } from '../dhtItem.js'
import { checkItem, targetOf } from '../dhtItem.js'
import type { KrpcAnswer } from './message.js'

/**
 * The item that an answer to `Get` brings; `None` where it brings none, or not the one that was asked for, or one that
 * its owner has not signed. Answers do not repeat the salt: who asks knows it.
 */
export const itemOfAnswer = (
  { v, k, sig, seq }: KrpcAnswer,
  target: Uint8Array,
  salt: Uint8Array = NO_SALT,
): Option<DhtItem> => {
  if (v === undefined) return O.none
  const item: DhtItem =
    k === undefined || sig === undefined || seq === undefined
      ? { _tag: 'ImmutableItem', v }
      : { _tag: 'MutableItem', v, k, salt, seq, sig }
  return equalBytes(targetOf(item), target) && E.isRight(checkItem(item)) ? O.some(item) : O.none
}

const NO_SALT = new Uint8Array(0)
