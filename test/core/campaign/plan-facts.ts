import type { MemberOutcome } from '../../../src/core/campaign/campaign-addresses.ts'
import type { PlanFacts } from '../../../src/core/campaign/plan-facts.ts'

export const LIST = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a'

export const CLUSTER_ID =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/a'

/** The digest of a plan with these parts. */
export const digestOf = ({ steps = [], addresses = [] }: { steps?: string[]; addresses?: string[] }) =>
  JSON.stringify(['applicable', 'managedNATGateway', [], [], steps, addresses])

export function facts(given: Partial<PlanFacts> = {}): PlanFacts {
  return {
    subscriptionId: 's',
    location: 'westeurope',
    verdict: 'applicable',
    blockers: [],
    acknowledgements: [],
    missingPermissions: [],
    addresses: [],
    addressesKnownLater: 0,
    allowLists: [],
    quota: null,
    steps: ['check-freshness'],
    shares: [],
    canRollBack: true,
    digest: digestOf({}),
    ...given,
  }
}

export const address = (text: string, change: 'kept' | 'added' | 'lost' | 'unknown') => ({
  address: text,
  family: 'IPv4' as const,
  change,
})
export const quota = (current: number, needed: number) => ({
  name: 'PublicIPAddresses',
  current,
  limit: 10,
  needed,
})
export const list = (entry: string, covers: string[], add: string[]) => ({
  resourceId: LIST,
  type: 'Microsoft.Storage/storageAccounts',
  add,
  addLater: 1,
  remove: [{ entry, covers }],
})

/** A member that waits for its start, with this plan. */
export const ready = (plan: PlanFacts): MemberOutcome => ({
  clusterId: CLUSTER_ID,
  status: 'Ready',
  facts: plan,
  result: null,
})

/** What a job has found, of which no allow list is affected. */
export const after = (addresses: PlanFacts['addresses'], allowLists: PlanFacts['allowLists'] = []) => ({
  addresses,
  addressesKnownLater: 0,
  allowLists,
})
