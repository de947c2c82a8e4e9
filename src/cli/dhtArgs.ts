import { type Command, Option } from 'commander'
import type { DhtGetAction, DhtPutAction } from './action.js'
import { dhtTargetForm, peerForm, saltForm } from './argumentForms.js'
import { common, type Common } from './common.js'
import { withCommon } from './commonOptions.js'
import type { PeerArgument } from './peerArgument.js'

interface DhtOptions extends Common {
  readonly dhtBootstrap?: ReadonlyArray<PeerArgument>
  readonly salt?: string
  readonly key?: string
}

/** Where the DHT is entered. */
export const dhtBootstrap = (): Option =>
  new Option(
    '--dht-bootstrap <host:port>',
    'a DHT node to begin with, in place of the well-known ones; may be repeated',
  ).argParser(peerForm)

const withDht = (command: Command): Command =>
  withCommon(
    command.addOption(dhtBootstrap()).option('--salt <text>', 'which of the items of that key', saltForm),
  )

const dhtAction = ({
  dhtBootstrap: bootstrap,
  salt,
  ...options
}: DhtOptions): Omit<DhtGetAction, '_tag' | 'target'> => ({
  bootstrap: bootstrap ?? [],
  salt: salt ?? '',
  ...common(options),
})

/** `dht get` and `dht put`. */
export const addDhtCommands = (
  program: Command,
  take: (action: DhtGetAction | DhtPutAction) => void,
): void => {
  const dht = program
    .command('dht')
    .summary('store and find values in the DHT')
    .description(
      'Stores and finds values of up to 1000 bytes in the DHT (BEP 44), which keeps them for two hours.',
    )
    .helpCommand(false)
  withDht(dht.command('get'))
    .summary('find a value')
    .description('Finds a value by its target (40 hex digits), or the latest of a public key (64).')
    .argument('<target|key>', 'what dht put told', dhtTargetForm)
    .action((target: Uint8Array, options: DhtOptions) => {
      take({ _tag: 'DhtGet', target, ...dhtAction(options) })
    })
  withDht(dht.command('put'))
    .summary('store a value')
    .description('Stores a value, to be found by its target; with --key, by the key, which can replace it.')
    .argument('<value>')
    .option('--key <file>', 'a private key; made where it is not there')
    .action((value: string, options: DhtOptions) => {
      take({ _tag: 'DhtPut', value, keyFile: options.key, ...dhtAction(options) })
    })
}
