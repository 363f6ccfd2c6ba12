import { parseResourceId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isActive, type MemberState, type NewCampaignEvent } from './campaign-state.ts'

/** A member whose NAT gateway another member in another virtual network gets, too. */
const GATEWAY_IN_USE = 'NAT_GATEWAY_OF_OTHER_NETWORK'

/**
 * Members that cannot change because another open member, in another virtual network, uses the same NAT gateway. A NAT gateway
 * serves one virtual network, so Azure would reject the second attachment. Members that are active keep the gateway, then
 * the first of the selection. After the other member was skipped or canceled, `retry` plans a blocked member again.
 */
export function blockSecondNetworks(members: readonly MemberState[]): MemberState[] {
  const networks = new Map<string, readonly string[]>()
  const waiting = members.filter(({ status }) => status === 'Ready' || status === 'NeedsDecision')
  return [...members.filter(isActive), ...waiting].flatMap((member) => {
    const own = networksOf(member)
    const gateways = ofType(member, RESOURCE_TYPES.natGateway)
    const taken = gateways.find((gateway) =>
      networks.get(gateway)?.every((network) => !own.includes(network)),
    )
    if (taken !== undefined && !isActive(member)) return [blocked(member, taken)]
    for (const gateway of gateways) if (own.length > 0) networks.set(gateway, networks.get(gateway) ?? own)
    return []
  })
}

function blocked(member: MemberState, gateway: string): MemberState {
  const message = `The NAT gateway \`${gateway}\` serves only one virtual network, and a member in another virtual network uses it. Skip that member and retry this member, or use another NAT gateway.`
  return { ...member, status: 'Blocked', waitsFor: { code: GATEWAY_IN_USE, message } }
}

export function blockedEvents(members: readonly MemberState[]): NewCampaignEvent[] {
  return members.map(({ id, waitsFor }) => ({
    type: 'memberChanged',
    memberId: id,
    message: `The member is now Blocked: ${waitsFor?.message}`,
  }))
}

function networksOf(member: MemberState): string[] {
  return ofType(member, RESOURCE_TYPES.subnet).map((subnet) => subnet.replace(/\/subnets\/[^/]+$/, ''))
}

function ofType({ shares }: MemberState, type: string): string[] {
  return shares.filter((key) => equalsArm(parseResourceId(key)?.type ?? '', type))
}
