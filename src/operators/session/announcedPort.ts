import type { SessionModel } from './model.js'

/** Where peers beyond our network reach us, as far as we know: the gateway's port, or else the one we listen on. */
export const announcedPort = ({
  port,
  externalPorts,
}: Pick<SessionModel, 'port' | 'externalPorts'>): number | undefined =>
  port === undefined || externalPorts.tcp === 0 ? port : externalPorts.tcp
