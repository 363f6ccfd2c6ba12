import type { JsonObject } from '../../contract/json.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { documented, observed } from '../references/references.ts'
import { completeRanges, joinParts, profileInstructions, type ToolCode } from './end-state.ts'
import { hclBlock, identifier } from './literals.ts'
import {
  type Prepared,
  type PreparedAssociation,
  type PreparedResource,
  preparesStandardV2,
  propertiesOf,
  referencedIds,
  skuOf,
} from './prepared-resources.ts'
import { importBlock } from './terraform-azapi.ts'

/** The provider's validator rejects a longer idle timeout of the load balancer, which ARM allows. */
const MAX_LOAD_BALANCER_IDLE_MINUTES = 100

const EVIDENCE = observed(
  'terraform-provider-azurerm pull request 25021',
  'terraform-provider-azurerm pull request 25530',
  { text: 'schema of azurerm_kubernetes_cluster up to azurerm 5.2.0' },
)
const NONE_EVIDENCE = documented('terraform-provider-azurerm pull request 30532')

/**
 * The blocks of `azurerm_kubernetes_cluster`. The provider changes `outbound_type` in place, but it replaces the cluster
 * if a profile block appears that its state does not have. So the change of the type comes first, without the block.
 */
export function terraformAzurerm(context: PlanningContext, prepared: Prepared[]): ToolCode {
  const { target, to, from } = context
  const unsupported = to === 'block' || to === 'managedNATGatewayV2'
  const isNone = target.outboundType === 'none'
  const profile = unsupported ? null : profileOf(target)
  const limit = limitOf(target)
  return {
    code: unsupported ? null : clusterBlocks(context, profile, limit, from !== to),
    prepared: joinParts(prepared.flatMap(preparedBlocks)),
    validFor: { component: 'hashicorp/azurerm', from: isNone ? '4.44.0' : '3.103.0', below: null },
    warnings: [
      ...(unsupported ? [`The Terraform provider azurerm does not support the target \`${to}\`.`] : []),
      ...(limit === null ? [] : [limit]),
      // Without the block, the provider has no reason to replace the cluster.
      ...(profile === null || limit !== null || from === to ? [] : [replacementWarning(profile.name)]),
      ...(preparesStandardV2(prepared)
        ? ['StandardV2 resources require a 2026 release of azurerm that contains pull request 31197.']
        : []),
    ],
    evidence: isNone ? NONE_EVIDENCE : EVIDENCE,
  }
}

function replacementWarning(block: string): string {
  return `The provider azurerm destroys and recreates the cluster if the Terraform state does not contain \`${block}\` yet. In step 1, change \`outbound_type\`, remove the block of the former outbound type if your code has it, and run \`terraform plan\`. If the Terraform plan shows a replacement, stop. Otherwise, apply it. In step 2, add \`${block}\` in the same way.`
}

interface Profile {
  name: 'load_balancer_profile' | 'nat_gateway_profile'
  fields: JsonObject
}

function profileOf(target: Target): Profile | null {
  if (target.outboundType === 'loadBalancer')
    return { name: 'load_balancer_profile', fields: loadBalancerFields(target.loadBalancer) }
  if (target.outboundType === 'managedNATGateway')
    return { name: 'nat_gateway_profile', fields: natGatewayFields(target.natGateway) }
  return null
}

/** Without the block the provider leaves the profile as it is. With the block it sets its own default of 30 min. */
function limitOf(target: Target): string | null {
  if (target.outboundType !== 'loadBalancer') return null
  const { idleTimeoutInMinutes: idle } = target.loadBalancer
  return idle > MAX_LOAD_BALANCER_IDLE_MINUTES
    ? `The provider azurerm accepts idle timeouts of the load balancer from 4 to ${MAX_LOAD_BALANCER_IDLE_MINUTES} min, and the target has ${idle} min. Omit \`load_balancer_profile\` to keep this value.`
    : null
}

function loadBalancerFields(target: LoadBalancerTarget): JsonObject {
  return present({
    managed_outbound_ip_count: target.managedOutboundIpCount,
    managed_outbound_ipv6_count: target.managedOutboundIpv6Count || null,
    outbound_ip_address_ids: target.outboundIpIds.length > 0 ? target.outboundIpIds : null,
    outbound_ip_prefix_ids: target.outboundIpPrefixIds.length > 0 ? target.outboundIpPrefixIds : null,
    outbound_ports_allocated: target.allocatedOutboundPorts,
    idle_timeout_in_minutes: target.idleTimeoutInMinutes,
  })
}

function natGatewayFields(target: NatGatewayTarget): JsonObject {
  return present({
    managed_outbound_ip_count: target.managedOutboundIpCount,
    idle_timeout_in_minutes: target.idleTimeoutInMinutes,
  })
}

function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

function clusterBlocks(
  context: PlanningContext,
  profile: Profile | null,
  limit: string | null,
  isNewType: boolean,
): string {
  const { target } = context
  const ranges = completeRanges(context)
  const block = profile === null || limit !== null ? [] : ['', hclBlock(profile.name, profile.fields, 1)]
  const nested = isNewType && block.length > 0 ? secondStep(block) : block
  const blocks = [
    hclBlock('network_profile', { outbound_type: target.outboundType }, 0, nested),
    ...(target.outboundType === 'none' ? [bootstrapBlock(context)] : []),
    ...(ranges === null ? [] : [hclBlock('api_server_access_profile', { authorized_ip_ranges: ranges })]),
  ]
  const instructions = profileInstructions(
    context,
    block.length > 0,
    (name) => `the block ${name === 'loadBalancerProfile' ? 'load_balancer_profile' : 'nat_gateway_profile'}`,
  )
  return [`# ${['Merge into azurerm_kubernetes_cluster.', ...instructions].join(' ')}`, ...blocks, ''].join(
    '\n',
  )
}

/** The block as a comment: the code can be pasted as it is, and the second step removes the number signs. */
function secondStep(block: string[]): string[] {
  return [
    '',
    '  # Step 2, only after step 1 was applied and `terraform plan` replaces nothing:',
    ...block
      .join('\n')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  # ${line.slice(2)}`),
  ]
}

function bootstrapBlock({ snapshot: { cluster } }: PlanningContext): string {
  const { bootstrapRegistryId: registryId } = cluster.features
  return hclBlock('bootstrap_profile', {
    artifact_source: 'Cache',
    ...(registryId === null ? {} : { container_registry_id: registryId }),
  })
}

/** The blocks of a prepared resource. The job has created it, so Terraform imports it. */
function preparedBlocks(prepared: Prepared): string[] {
  if (prepared.kind === 'association') return association(prepared)
  const { name, resourceGroup, body } = prepared
  const properties = propertiesOf(prepared)
  const sku = skuOf(prepared)
  const placed = { name, resource_group_name: resourceGroup, location: body.location }
  const zones = body.zones === undefined ? {} : { zones: body.zones }
  switch (prepared.type) {
    case 'publicIp':
      return imported(prepared, 'azurerm_public_ip', {
        ...placed,
        allocation_method: 'Static',
        sku,
        ...zones,
      })
    case 'publicIpPrefix': {
      const { prefixLength: prefix_length } = properties
      return imported(prepared, 'azurerm_public_ip_prefix', { ...placed, prefix_length, sku, ...zones })
    }
    case 'natGateway':
      return natGateway(prepared, {
        ...placed,
        sku_name: sku,
        idle_timeout_in_minutes: properties.idleTimeoutInMinutes,
        ...zones,
      })
    case 'routeTable': {
      const routes = (properties.routes ?? []) as { name: string; properties: JsonObject }[]
      const nested = routes.map((route) =>
        hclBlock('route', { name: route.name, ...hopOf(route.properties) }, 1),
      )
      return imported(prepared, 'azurerm_route_table', placed, nested)
    }
    case 'route':
      return imported(prepared, 'azurerm_route', {
        name,
        resource_group_name: resourceGroup,
        route_table_name: prepared.parentName,
        ...hopOf(properties),
      })
  }
}

function natGateway(gateway: PreparedResource, fields: JsonObject): string[] {
  const properties = propertiesOf(gateway)
  const attached = (kind: string, ids: string[]) =>
    ids.flatMap((id) =>
      resource(`azurerm_nat_gateway_${kind}_association`, identifier(id), `${gateway.id}|${id}`, {
        nat_gateway_id: gateway.id,
        [kind === 'public_ip' ? 'public_ip_address_id' : 'public_ip_prefix_id']: id,
      }),
    )
  return [
    ...imported(gateway, 'azurerm_nat_gateway', fields),
    ...attached('public_ip', referencedIds(properties.publicIpAddresses)),
    ...attached('public_ip_prefix', referencedIds(properties.publicIpPrefixes)),
  ]
}

function association({ id, property, resourceId }: PreparedAssociation): string[] {
  const kind = property === 'natGateway' ? 'nat_gateway' : 'route_table'
  return resource(`azurerm_subnet_${kind}_association`, identifier(id), id, {
    subnet_id: id,
    [`${kind}_id`]: resourceId,
  })
}

function hopOf({ addressPrefix, nextHopType, nextHopIpAddress }: JsonObject): JsonObject {
  return {
    address_prefix: addressPrefix,
    next_hop_type: nextHopType,
    next_hop_in_ip_address: nextHopIpAddress,
  }
}

function imported(
  { id }: PreparedResource,
  type: string,
  fields: JsonObject,
  nested: string[] = [],
): string[] {
  return resource(type, identifier(id), id, fields, nested)
}

function resource(
  type: string,
  label: string,
  importId: string,
  fields: JsonObject,
  nested: string[] = [],
): string[] {
  return [
    importBlock(`${type}.${label}`, importId),
    hclBlock(`resource "${type}" "${label}"`, fields, 0, nested),
  ]
}
