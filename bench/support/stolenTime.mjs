import { readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second. */
const msPerTick = 10
const fieldOfSteal = 8

/**
 * Milliseconds of all cores together, since the system started, that they were wanted and the host of a virtual machine
 * had them do something else; undefined where no system tells.
 */
export const stolenTime = () => {
  try {
    const [all = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
    return Number(all.split(/ +/)[fieldOfSteal]) * msPerTick
  } catch {
    return undefined
  }
}
