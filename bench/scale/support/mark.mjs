/**
 * A line for people: what was measured, and whether it is as good as it is meant to be.
 *
 * @param {string} name
 * @param {string} figures
 * @param {boolean} [isMet] undefined where there is no mark
 */
export const showMark = (name, figures, isMet) =>
  `${name.padEnd(56)} ${figures}${isMet === undefined ? '' : isMet ? ' (met)' : ' (missed)'}`
