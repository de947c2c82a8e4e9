/** How long to ask, and what for (it goes into the error). */
export interface Wait {
  readonly what: string
  readonly seconds?: number
  /** Answers why it will never happen, once that is known. */
  readonly hopeless?: () => string | undefined
}

const pollMs = 20

/** Asks until the answer is neither `undefined` nor `false`, and gives it. */
export const until = async <A>(
  ask: () => A | undefined | false | Promise<A | undefined | false>,
  { what, seconds = 20, hopeless }: Wait,
): Promise<A> => {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    const reason = hopeless?.()
    if (reason !== undefined) throw new Error(`will never see ${what}: ${reason}`)
    if (performance.now() > deadline) throw new Error(`no ${what} within ${String(seconds)} s`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
