import { touchedIds } from '../core/preflight/touched-ids.ts'
import { writtenIds } from '../core/preflight/written-ids.ts'
import { placeFor } from '../core/preparation/place.ts'
import { clusterId, idKey } from '../core/resource-id.ts'
import type { PermissionFacts, Reading, RightsFacts } from '../core/rights-facts.ts'
import type { Around } from './look-around.ts'
import { readIdentityRoles } from './read-identity-roles.ts'
import { readPolicies } from './read-policies.ts'
import { reading } from './reading.ts'

/**
 * Rights, locks, policies and quota in two rounds: what hangs on the subscription and on the cluster's own id
 * at once, the rest as soon as the cluster is known. Each read may fail alone.
 */
export async function readRights(around: Around): Promise<RightsFacts> {
  const { arm, options, ref, cluster } = around
  const { subscriptionId } = ref
  const [locks, callerPermissions, roles, policies, usages] = await Promise.all([
    reading(`Microsoft.Authorization/locks of subscription ${subscriptionId}`, () =>
      arm.listAuthorization('locks', subscriptionId, options),
    ),
    readCallerPermissions(around),
    readIdentityRoles(around),
    readPolicies(around),
    cluster.then(({ location }) =>
      reading(`Microsoft.Network/locations/${location}/usages`, () =>
        arm.listUsages(subscriptionId, location, options),
      ),
    ),
  ])
  return { locks, callerPermissions, ...roles, policies, usages }
}

/** Roles may be given on the cluster alone, so it is asked itself and not its resource group. */
async function readCallerPermissions(around: Around): Promise<RightsFacts['callerPermissions']> {
  const { arm, options, ref, requestedIds } = around
  const ask = async (scope: string): Promise<[string, Reading<PermissionFacts[]>]> => [
    idKey(scope),
    await reading(`Microsoft.Authorization/permissions of ${scope}`, () =>
      arm.listPermissions(scope, options),
    ),
  ]
  const others = around.cluster.then((cluster) => {
    const { prepare } = around
    const group = prepare === undefined ? [] : [placeFor({ prepare }, cluster).group]
    return Promise.all([...touchedIds(cluster, requestedIds), ...group].map(ask))
  })
  const written = writtenBeside(around).then((ids) => Promise.all(ids.map(ask)))
  const [own, beside, further] = await Promise.all([ask(clusterId(ref)), others, written])
  return Object.fromEntries([own, ...beside, ...further])
}

/** Only what is prepared or cleaned up is waited for: the network may take a round more than the cluster. */
async function writtenBeside({ request, cluster, network }: Around): Promise<string[]> {
  if (request?.prepare === undefined && request?.cleanUp === undefined) return []
  return [...new Set(writtenIds(request, await cluster, await network))]
}
