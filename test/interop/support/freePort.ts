import { createServer } from 'node:net'
import { listenOn } from './listenOn.js'

/** A TCP port that was free a moment ago. */
export const freePort = async (address: string): Promise<number> => {
  const server = createServer()
  const port = await listenOn(server, address)
  await new Promise((resolve) => server.close(resolve))
  return port
}
