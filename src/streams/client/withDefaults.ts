import type { AddOptions, ClientOptions } from './options.js'

/** What `add` does not say is as the client has it. */
export const withDefaults = (
  { dht, sources, encryption }: ClientOptions,
  options: AddOptions,
): AddOptions => ({
  ...(dht === undefined ? {} : { dht }),
  ...(sources === undefined ? {} : { sources }),
  ...(encryption === undefined ? {} : { encryption }),
  ...options,
})
