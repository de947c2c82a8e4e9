import { insist, load, MiB } from './kernel.mjs'

/** @import { Kernel } from './kernel.mjs' */

const blockLength = 16_384
const blocks = 1024

/** `piece` messages, one after the other, as a peer sends them. */
const stream = () => {
  const message = 13 + blockLength
  const bytes = Buffer.alloc(blocks * message, 0xa5)
  for (let block = 0; block < blocks; block++) {
    const at = block * message
    bytes.writeUInt32BE(message - 4, at)
    bytes[at + 4] = 7
    bytes.writeUInt32BE(block >> 6, at + 5)
    bytes.writeUInt32BE((block & 63) * blockLength, at + 9)
  }
  return bytes
}

/** @param {Buffer} bytes @param {number} length */
const cut = (bytes, length) =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  )

/** @returns {Promise<ReadonlyArray<Kernel>>} */
export const frameDecoderKernels = async () => {
  const { createFrameDecoder } = /** @type {typeof import('../../src/codecs/wire/frameDecoder.js')} */ (
    await load('codecs/wire/frameDecoder.js')
  )
  const bytes = stream()
  return [64 * 1024, MiB].map((length) => {
    const chunks = cut(bytes, length)
    return {
      name: `frame decoder, chunks of ${String(length / 1024)} KiB`,
      count: blocks,
      unit: 'block',
      run: () => {
        const { write } = createFrameDecoder()
        let messages = 0
        for (const chunk of chunks) messages += write(chunk).messages.length
        insist(messages === blocks, `${String(messages)} messages`)
      },
    }
  })
}
