/** @import { Cost } from './table.mjs' */
/** @import { Mark, Verdict } from './marks.mjs' */
/** @import { Lab } from './lab.mjs' */

/**
 * What a scenario is run with.
 *
 * @typedef {object} Setting
 * @property {boolean} isShort
 * @property {number} size MiB of the main payload; what others take follows from it
 * @property {number | undefined} rounds where the scenario shall not choose; starts take five times as many
 * @property {Lab} lab
 * @property {(line: string) => void} say
 */

/**
 * What came out.
 *
 * @typedef {object} Report
 * @property {string} title
 * @property {string} base whose figures are 1 in the table
 * @property {ReadonlyMap<string, Cost>} medians
 * @property {ReadonlyArray<Mark>} marks
 * @property {ReadonlyArray<Verdict>} [verdicts] of a program that has marks of its own
 */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {boolean} [isLong] left out of the short form
 * @property {(setting: Setting) => Promise<ReadonlyArray<Report>>} run
 */

export const ours = 'rxtorrent'

/** @param {Pick<Setting, 'rounds' | 'isShort'>} setting @param {number} usual */
export const roundsOf = ({ rounds, isShort }, usual) => rounds ?? (isShort ? 1 : usual)
