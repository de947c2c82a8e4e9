/**
 * The programs of this folder, for who runs them all: each prints lines for people, with ratios and marks, and does not
 * fail because a machine is slow. The short forms take a few seconds each.
 *
 * @typedef {object} ScaleBench
 * @property {string} name
 * @property {URL} file
 * @property {ReadonlyArray<string>} argsShort
 * @property {ReadonlyArray<string>} argsLong
 */

/** @param {string} name */
const program = (name) => new URL(name, import.meta.url)

/** @type {ReadonlyArray<ScaleBench>} */
export const scaleBenches = [
  {
    name: 'scale-start-up',
    file: program('startup.mjs'),
    argsShort: ['--runs', '3'],
    argsLong: ['--runs', '20'],
  },
  {
    name: 'scale-idle-peers',
    file: program('idlePeers.mjs'),
    argsShort: ['--peers', '300', '--pieces', '1000'],
    argsLong: [],
  },
  {
    name: 'scale-picker',
    file: program('picker.mjs'),
    argsShort: ['--pieces', '2000,20000', '--peers', '200'],
    argsLong: [],
  },
  {
    name: 'scale-haves',
    file: program('haves.mjs'),
    argsShort: ['--haves', '100000', '--pieces', '20000'],
    argsLong: [],
  },
  {
    name: 'scale-surface',
    file: program('surface.mjs'),
    argsShort: ['--mib', '64', '--runs', '3'],
    argsLong: [],
  },
  {
    name: 'scale-idle-sessions',
    file: program('../idleSessions.mjs'),
    argsShort: ['--sessions', '100', '--seconds', '3', '--settling', '5', '--only-print'],
    argsLong: ['--sessions', '1000', '--only-print'],
  },
]
