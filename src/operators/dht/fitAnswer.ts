import { encodeKrpc, type KrpcAnswer, type KrpcResponse } from '../../codecs/krpc.js'

/**
 * The packet of an answer that is no longer than `maxBytes`: of the list that takes the most room the rear goes first,
 * then a stored value with all that belongs to it. Undefined where nothing helps.
 */
export const fitAnswer = (response: KrpcResponse, maxBytes: number): Uint8Array | undefined => {
  let answer: KrpcAnswer | undefined = response.answer
  while (answer !== undefined) {
    const bytes = encodeKrpc({ ...response, answer })
    if (bytes.length <= maxBytes) return bytes
    answer = shorten(answer)
  }
  return undefined
}

type ListName = 'values' | 'nodes' | 'nodes6' | 'samples'

/** Bytes that an element takes, or a little more. */
const ELEMENT_BYTES: { readonly [K in ListName]: number } = { values: 12, nodes: 26, nodes6: 38, samples: 20 }
const LISTS: ReadonlyArray<ListName> = ['values', 'nodes', 'nodes6', 'samples']

const shorten = (answer: KrpcAnswer): KrpcAnswer | undefined => {
  const sizeOf = (name: ListName): number => (answer[name]?.length ?? 0) * ELEMENT_BYTES[name]
  const longest = LISTS.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a))
  const list = answer[longest] ?? []
  if (list.length > 0) return { ...answer, [longest]: list.slice(0, Math.floor(0.75 * list.length)) }
  if (answer.v === undefined) return undefined
  return { ...answer, v: undefined, k: undefined, sig: undefined, seq: undefined }
}
