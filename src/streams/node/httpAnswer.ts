import type { ClientRequest, IncomingMessage } from 'node:http'

/** The head of the answer, which has so long to come; from there on the connection may be silent for as long. */
export const answerOf = (request: ClientRequest, receiveTimeout: number): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined
    let head: NodeJS.Timeout | undefined
    const giveUp = (): void => {
      // Destroyed by its request, an answer would end as if it were whole.
      ;(answer ?? request).destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' }))
    }
    request.on('error', reject)
    // From when it has been sent; each byte of a head that never ends would put off the timeout of the connection.
    request.once('finish', () => {
      if (answer === undefined && !request.destroyed) head = setTimeout(giveUp, receiveTimeout)
    })
    request.once('response', (response) => {
      answer = response
      clearTimeout(head)
      // Whoever reads it hears of it; when nobody does any more, it is nobody's business.
      response.on('error', () => undefined)
      resolve(response)
    })
    // What turns into another protocol closes without a word.
    request.once('close', () => {
      clearTimeout(head)
      reject(Object.assign(new Error('no answer'), { code: 'ECONNRESET' }))
    })
    request.setTimeout(receiveTimeout, giveUp)
    request.end()
  })

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** Where a redirect leads; undefined where that is not on the web. */
export const redirectTarget = (location: string, base: URL): URL | undefined => {
  if (!URL.canParse(location, base.href)) return undefined
  const url = new URL(location, base)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}
