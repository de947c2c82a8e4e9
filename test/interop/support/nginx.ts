import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loopback } from './hosts.js'
import type { Lab } from './lab.js'
import type { RunningProcess } from './runProcess.js'
import { untilAccepting } from './untilAccepting.js'

/** Serves a folder over HTTP with Debian's nginx, as a web seed is. */
export const startNginx = async (lab: Lab, root: string, port: number): Promise<RunningProcess> => {
  const place = lab.folder(`nginx ${String(port)}`)
  // Its workers read as nobody.
  chmodSync(join(place, '..'), 0o755)
  const config = join(place, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; pid "${place}/pid"; error_log stderr; worker_processes 1;
     events { worker_connections 64; }
     http {
       access_log "${place}/access"; client_body_temp_path "${place}/body"; proxy_temp_path "${place}/proxy";
       fastcgi_temp_path "${place}/fastcgi"; uwsgi_temp_path "${place}/uwsgi"; scgi_temp_path "${place}/scgi";
       server { listen ${loopback.address}:${String(port)}; root "${root}"; }
     }\n`,
  )
  const process = lab.run({ label: 'nginx', argv: ['nginx', '-p', place, '-c', config] })
  await untilAccepting(loopback, port, process)
  return process
}
