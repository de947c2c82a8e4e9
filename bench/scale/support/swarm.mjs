import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @import { Order } from './quietPeers.mjs' */

/**
 * Peers in another process.
 *
 * @typedef {object} Swarm
 * @property {(order: Order) => void} order
 * @property {(tag: string, value?: number) => Promise<number>} heard resolves once they have told that, and at least so much
 * @property {() => void} stop
 */

/** @returns {Promise<Swarm>} */
export const startSwarm = async () => {
  const child = fork(fileURLToPath(new URL('quietPeers.mjs', import.meta.url)), { execArgv: [] })
  /** @type {Map<string, number>} */
  const told = new Map()
  /** @type {Set<() => void>} */
  const waiting = new Set()
  child.on('message', (/** @type {{ readonly tag: string, readonly value: number }} */ { tag, value }) => {
    told.set(tag, value)
    for (const look of waiting) look()
  })
  /** @param {string} tag @param {number} [value] */
  const heard = (tag, value = 0) =>
    new Promise((/** @type {(value: number) => void} */ resolve) => {
      const look = () => {
        const latest = told.get(tag)
        if (latest === undefined || latest < value) return
        waiting.delete(look)
        resolve(latest)
      }
      waiting.add(look)
      look()
    })
  await heard('ready')
  return {
    order: (order) => {
      told.delete('said')
      child.send(order)
    },
    heard,
    stop: () => {
      child.kill()
    },
  }
}
