import type { Server } from 'node:net'

/** Listens on a free port of an address, and says which. */
export const listenOn = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, address, () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') reject(new Error('no port'))
      else resolve(bound.port)
    })
  })
