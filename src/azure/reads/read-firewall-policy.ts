import type { NetworkManagementClient } from '@azure/arm-network'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import type { FirewallPolicyFacts, FirewallPolicyRef } from '../../core/snapshot/firewall-facts.ts'
import { type ArmCall, responseOf, responsesOf } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { BodyReader, drainPages, pageItems } from '../client/body-reader.ts'
import { assertSafeSegments } from '../client/resource-path.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import { toGroupRuleCollections } from '../mapping/firewall-and-nsg.ts'

/** The firewall policies of a subscription: which there are, and which stands on which. */
export async function listFirewallPolicies(
  clients: ArmClients,
  call: ArmCall,
  subscriptionId: string,
): Promise<FirewallPolicyRef[]> {
  assertSafeSegments(subscriptionId)
  const client = await clients.network(subscriptionId)
  const pages = await responsesOf(call, () => drainPages(client.firewallPolicies.listAll().byPage()))
  return pageItems(pages).map(toPolicyRef)
}

function toPolicyRef(body: BodyReader): FirewallPolicyRef {
  const basePolicyId = body.at('properties').at('basePolicy').string('id') || null
  return { id: body.requiredString('id'), basePolicyId }
}

/** A firewall policy by its id, with the rules of all its groups in the order in which they are asked. */
export async function readFirewallPolicy(
  clients: ArmClients,
  call: ArmCall,
  id: string,
): Promise<FirewallPolicyFacts> {
  const parts = parseResourceId(id)
  if (parts?.type.toLowerCase() !== 'microsoft.network/firewallpolicies') {
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of a firewall policy: ${id}`,
    })
  }
  const { subscriptionId, resourceGroup, name } = parts
  assertSafeSegments(subscriptionId, resourceGroup, name)
  const client = await clients.network(subscriptionId)
  const [policy, groups] = await Promise.all([
    responseOf(call, () => client.firewallPolicies.get(resourceGroup, name)),
    readGroups(client, call, resourceGroup, name),
  ])
  const body = new BodyReader(policy.body)
  return {
    ...toPolicyRef(body),
    dnsProxy: body.at('properties').at('dnsSettings').boolean('enableProxy'),
    collections: groups.flatMap(toGroupRuleCollections),
  }
}

/** Groups by priority: the smallest is asked first. */
async function readGroups(
  client: NetworkManagementClient,
  call: ArmCall,
  resourceGroup: string,
  policy: string,
): Promise<BodyReader[]> {
  const { firewallPolicyRuleCollectionGroups: groups } = client
  const pages = await responsesOf(call, () => drainPages(groups.list(resourceGroup, policy).byPage()))
  const priorityOf = (group: BodyReader) =>
    group.at('properties').number('priority') ?? Number.MAX_SAFE_INTEGER
  return pageItems(pages).sort((a, b) => priorityOf(a) - priorityOf(b))
}
