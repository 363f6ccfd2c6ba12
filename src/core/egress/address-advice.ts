import type { AddressAdvice, EgressIpChange } from '../../contract/egress.ts'

/**
 * Whether other resources may use an address that the cluster no longer uses. It is shared, or it existed before the plan, and
 * the cluster used it only until a rollback.
 */
export function isOfOthers({ change, knownAt, usedBefore, recoverable, isShared }: EgressIpChange): boolean {
  if (change !== 'lost') return false
  return isShared === true || (knownAt === 'plan' && usedBefore?.length === 0 && recoverable)
}

/** The data of an address change that decides about firewalls. */
interface Advised extends Pick<EgressIpChange, 'change' | 'address' | 'gainsTraffic'> {
  isOfOthers: boolean
  /** Whether the change has been made. */
  isDone: boolean
}

/** The firewall change that an address change requires. */
export function addressAdvice({ change, address, gainsTraffic, isOfOthers, isDone }: Advised): AddressAdvice {
  switch (change) {
    case 'kept':
      if (gainsTraffic !== true) return 'keep'
      return isDone ? 'allowNow' : 'allowBefore'
    case 'added':
      if (address === null) return 'allowWhenKnown'
      return isDone ? 'allowNow' : 'allowBefore'
    case 'lost':
      if (isOfOthers) return 'checkAfter'
      return isDone ? 'removeNow' : 'removeAfter'
    case 'unknown':
      return 'checkAfter'
  }
}
