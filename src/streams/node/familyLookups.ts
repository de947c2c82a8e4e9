import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'

/** One way to a server: over one family where its name has addresses of both. */
export interface FamilyLookup {
  readonly family: 4 | 6
  readonly lookup: LookupFunction
}

/**
 * What names are to stand for, to reach a server over each family that it has an address of: its own name for those that
 * were found, without being asked for again; another, that it redirects to, for what `lookup` finds of the same family.
 * Who has one family alone may redirect to anywhere.
 */
export const familyLookups = (
  hostname: string,
  addresses: ReadonlyArray<string>,
  lookup: LookupFunction,
): ReadonlyArray<FamilyLookup> => {
  const families = FAMILIES.filter((family) => addresses.some((address) => isIP(address) === family))
  return families.map((family) => ({
    family,
    lookup: (name, options, callback) => {
      const answer = (found: ReadonlyArray<string>): void => {
        const own = found.filter((address) => isIP(address) === family)
        const [first] = own
        if (first === undefined) callback(notFound(), [])
        else if (options.all === true)
          callback(
            null,
            own.map((address) => ({ address, family })),
          )
        else callback(null, first, family)
      }
      if (name === hostname) answer(addresses)
      else if (families.length === 1) lookup(name, options, callback)
      else {
        lookup(name, { ...options, all: true }, (error, found) => {
          if (error !== null) callback(error, [])
          else answer(typeof found === 'string' ? [found] : found.map(({ address }) => address))
        })
      }
    },
  }))
}

const FAMILIES = [4, 6] as const

const notFound = (): Error => Object.assign(new Error('no address of that family'), { code: 'ENOTFOUND' })
