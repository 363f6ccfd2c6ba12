import { isCidr } from '../core/cidr.ts'
import type { Fault } from './schemas/problem.ts'

/** What a schema cannot say of the consumers of a plan request; it reads them as they came. */
export function consumerFaults(consumers: unknown): Fault[] {
  if (!Array.isArray(consumers)) return []
  return [...consumers.flatMap(addressFaults), ...nameFaults(consumers)]
}

function addressFaults(consumer: unknown, index: number): Fault[] {
  const addresses = (consumer as { addresses?: unknown } | null)?.addresses
  if (!Array.isArray(addresses)) return []
  return addresses.flatMap((address: unknown, nth) =>
    typeof address !== 'string' || isCidr(address)
      ? []
      : [
          fault(
            `/consumers/${index}/addresses/${nth}`,
            'ADDRESS_INVALID',
            `Entry ${nth} of addresses must be an IPv4 or IPv6 address or CIDR, such as 20.1.2.3 or 20.1.2.0/24.`,
          ),
        ],
  )
}

/** A plan speaks to consumers by name, so two of one name could not be told apart. */
function nameFaults(consumers: unknown[]): Fault[] {
  const names = consumers.map((each) => (each as { name?: unknown } | null)?.name)
  return names.flatMap((name, index) =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [fault(`/consumers/${index}/name`, 'NOT_UNIQUE', 'Two consumers have the same name.')]
      : [],
  )
}

function fault(pointer: string, code: string, message: string): Fault {
  return { in: 'body', pointer, code, message }
}
