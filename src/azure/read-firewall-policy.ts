import type { NetworkManagementClient } from '@azure/arm-network'
import type { FirewallPolicyFacts, FirewallPolicyRef } from '../core/firewall-rules.ts'
import { parseResourceId } from '../core/resource-id.ts'
import { type ArmCall, answerOf, answersOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { ArmFault } from './arm-fault.ts'
import { BodyReader } from './body-reader.ts'
import { drain, itemsOn } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'
import { translateGroupRules } from './translate-firewall-rules.ts'

/** The firewall policies of a subscription: which there are, and which stands on which. */
export async function listFirewallPolicies(
  clients: ArmClients,
  call: ArmCall,
  subscriptionId: string,
): Promise<FirewallPolicyRef[]> {
  checkSegments(subscriptionId)
  const client = await clients.network(subscriptionId)
  const pages = await answersOf(call, () => drain(client.firewallPolicies.listAll().byPage()))
  return itemsOn(pages).map(refOf)
}

function refOf(body: BodyReader): FirewallPolicyRef {
  const basePolicyId = body.at('properties').at('basePolicy').text('id') || null
  return { id: body.requiredText('id'), basePolicyId }
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
  checkSegments(subscriptionId, resourceGroup, name)
  const client = await clients.network(subscriptionId)
  const [policy, groups] = await Promise.all([
    answerOf(call, () => client.firewallPolicies.get(resourceGroup, name)),
    readGroups(client, call, resourceGroup, name),
  ])
  const body = new BodyReader(policy.body)
  return {
    ...refOf(body),
    dnsProxy: body.at('properties').at('dnsSettings').flag('enableProxy'),
    collections: groups.flatMap(translateGroupRules),
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
  const pages = await answersOf(call, () => drain(groups.list(resourceGroup, policy).byPage()))
  const priorityOf = (group: BodyReader) =>
    group.at('properties').number('priority') ?? Number.MAX_SAFE_INTEGER
  return itemsOn(pages).sort((a, b) => priorityOf(a) - priorityOf(b))
}
