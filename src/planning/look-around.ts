import type { Arm, CallOptions } from '../azure/arm.ts'
import type { NetworkCollection } from '../core/network-collection.ts'
import type { RequestedPreparation } from '../core/preparation/requested-preparation.ts'
import type { ClusterFacts } from '../core/snapshot.ts'
import type { Surroundings } from '../core/surroundings.ts'
import type { ClusterRef, PlanRequest } from '../core/target.ts'
import { lookAtDependencies } from './look-at-dependencies.ts'
import { lookAtFirewallPolicies } from './look-at-firewall-policies.ts'
import { readAllowLists } from './read-allow-lists.ts'
import { readRights } from './read-rights.ts'

/** What a reader of surroundings is given. It awaits `cluster` or `network` only where it has to: each await is a round trip more. */
export interface Around {
  arm: Arm
  options: CallOptions
  ref: ClusterRef
  /** Ids of the addresses that the request itself names. */
  requestedIds: string[]
  /** What the request wants to have made; it goes into a resource group whose rights then count. */
  prepare?: RequestedPreparation
  cluster: Promise<ClusterFacts>
  /** The cluster's network, as completely as it could be read. */
  network: Promise<NetworkCollection>
  /** What the plan is asked for; null where every target is of interest. */
  request: Pick<PlanRequest, 'target' | 'upgradeNodeImages' | 'prepare' | 'cleanUp'> | null
}

/** Reads everything around the cluster at the same time; what may not be read is said in its own part. */
export async function lookAround(around: Around): Promise<Surroundings> {
  const [rights, allowLists, outboundDependencies, firewallPolicies] = await Promise.all([
    readRights(around),
    readAllowLists(around),
    lookAtDependencies(around),
    lookAtFirewallPolicies(around),
  ])
  return { rights, allowLists, outboundDependencies, firewallPolicies }
}
