const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const pad = (count: number): string => String(count).padStart(2, '0')

/** Seconds for people, to the two units that matter: `8 s`, `3 min 05 s`, `1 h 02 min`, `3 d 04 h`, `> 99 d`. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.ceil(Math.max(0, seconds))
  if (whole < MINUTE) return `${String(whole)} s`
  if (whole < HOUR) return `${String(Math.floor(whole / MINUTE))} min ${pad(whole % MINUTE)} s`
  if (whole < DAY)
    return `${String(Math.floor(whole / HOUR))} h ${pad(Math.floor((whole % HOUR) / MINUTE))} min`
  if (whole < 100 * DAY)
    return `${String(Math.floor(whole / DAY))} d ${pad(Math.floor((whole % DAY) / HOUR))} h`
  return '> 99 d'
}
