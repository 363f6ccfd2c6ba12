import type { PolicyKind, PolicyKindFacts } from '../azure/arm.ts'
import { appliesTo } from '../core/preflight/policy-scope.ts'
import { idKey, nodeGroupId } from '../core/resource-id.ts'
import type { PolicyFacts, Reading } from '../core/rights-facts.ts'
import type { Around } from './look-around.ts'
import { reading } from './reading.ts'

/**
 * The policies that can touch the node resource group, where AKS makes its addresses. Custom definitions are
 * listed beside the assignments, so that the members of an initiative are at hand without a further round;
 * initiatives and built-in definitions that are assigned are then read one by one.
 */
export async function readPolicies(around: Around): Promise<PolicyFacts> {
  const [assignments, exemptions, customDefinitions, cluster] = await Promise.all([
    listed(around, 'policyAssignments'),
    listed(around, 'policyExemptions'),
    listed(around, 'policyDefinitions'),
    around.cluster,
  ])
  const group = nodeGroupId(cluster)
  const custom = 'facts' in customDefinitions ? customDefinitions.facts.map(({ id }) => idKey(id)) : []
  const inForce = 'facts' in assignments ? assignments.facts.filter((each) => appliesTo(each, group)) : []
  const named = distinct(inForce.map((each) => each.definitionId)).filter((id) => !custom.includes(idKey(id)))
  const [definitions, initiatives] = await Promise.all([
    single(around, 'policyDefinitions', named),
    single(around, 'policySetDefinitions', named),
  ])
  return { assignments, exemptions, customDefinitions, definitions, initiatives }
}

function listed<K extends 'policyAssignments' | 'policyExemptions' | 'policyDefinitions'>(
  { arm, options, ref: { subscriptionId } }: Around,
  kind: K,
) {
  return reading(`Microsoft.Authorization/${kind} of subscription ${subscriptionId}`, () =>
    arm.listAuthorization(kind, subscriptionId, options),
  )
}

async function single<K extends PolicyKind>(
  { arm, options }: Around,
  kind: K,
  ids: string[],
): Promise<Record<string, Reading<PolicyKindFacts[K]>>> {
  const ofKind = ids.filter((id) => idKey(id).includes(`/${kind}/`.toLowerCase()))
  const read = await Promise.all(
    ofKind.map(async (id) => [idKey(id), await reading(id, () => arm.getPolicy(kind, id, options))] as const),
  )
  return Object.fromEntries(read)
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
