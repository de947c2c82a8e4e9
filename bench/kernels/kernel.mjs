/**
 * A piece of work to time over and over. It throws when it did not do what it should have.
 *
 * @typedef {object} Kernel
 * @property {string} name
 * @property {() => void} run
 * @property {() => void} [before] each run, not timed
 * @property {number} count units of work in a run
 * @property {string} unit
 */

export const MiB = 1024 * 1024

/**
 * A module of what was built. Its type is the caller's to say: the path is not known to the compiler.
 *
 * @param {string} path below dist
 * @returns {Promise<unknown>}
 */
export const load = async (path) => {
  /** @type {unknown} */
  const module = await import(new URL(`../../dist/${path}`, import.meta.url).href)
  return module
}

/** @type {(condition: boolean, what: string) => asserts condition} */
export const insist = (condition, what) => {
  if (!condition) throw new Error(`the kernel is broken: ${what}`)
}

/** Numbers in [0, 1), the same in every run (mulberry32). @param {number} seed */
export const createRandom = (seed) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
