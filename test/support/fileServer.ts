import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpServer, type TestServer } from './httpServers.js'

export interface FileServer extends TestServer {
  /** Paths asked for, with their ranges. */
  readonly asked: ReadonlyArray<{ readonly path: string; readonly range: string | undefined }>
}

/** Serves bytes by path, with ranges (RFC 9110); `first` may answer in its place. */
export const fileServer = async (
  files: ReadonlyMap<string, Uint8Array>,
  first: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<FileServer> => {
  const asked: { path: string; range: string | undefined }[] = []
  const server = await httpServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://x').pathname)
    asked.push({ path, range: request.headers.range })
    if (first(request, response)) return
    const bytes = files.get(path)
    if (bytes === undefined) {
      response.writeHead(404).end()
      return
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (from === undefined || to === undefined) {
      response.end(bytes)
      return
    }
    const part = bytes.subarray(Number(from), Number(to) + 1)
    response
      .writeHead(206, {
        'content-range': `bytes ${from}-${to}/${String(bytes.length)}`,
        'content-length': part.length,
      })
      .end(part)
  })
  return { ...server, asked }
}
