import type { Json, JsonObject } from '../../contract/json.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { clusterId } from '../arm/resource-id.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'

/**
 * The `network_profile` of `azurerm_kubernetes_cluster`, which changes `outbound_type` in place since 2024
 * (azurerm pull request 25021). Null for `block` and StandardV2, which the provider does not know.
 */
export function terraformAzurerm(target: Target): string | null {
  if (target.outboundType === 'block') return null
  if (target.outboundType === 'managedNATGateway' && target.natGateway.sku === 'StandardV2') return null
  return [
    '# Merge into azurerm_kubernetes_cluster; the profile block of another outbound type must not be there.',
    'network_profile {',
    `  outbound_type = "${target.outboundType}"`,
    ...profileBlock(target),
    '}',
    '',
  ].join('\n')
}

/** The same change through `azapi_update_resource`, which sends ARM's own body and knows every target. */
export function terraformAzapi(cluster: ClusterFacts, properties: JsonObject, apiVersion: string): string {
  return [
    'resource "azapi_update_resource" "egress" {',
    `  type        = "Microsoft.ContainerService/managedClusters@${apiVersion}"`,
    `  resource_id = "${clusterId(cluster)}"`,
    `  body = ${literal({ properties }, 1, TERRAFORM)}`,
    '}',
    '',
  ].join('\n')
}

function profileBlock(target: Target): string[] {
  if (target.outboundType === 'loadBalancer')
    return block('load_balancer_profile', loadBalancerFields(target.loadBalancer))
  if (target.outboundType === 'managedNATGateway')
    return block('nat_gateway_profile', natGatewayFields(target.natGateway))
  return []
}

function loadBalancerFields(wanted: LoadBalancerTarget): [string, Json][] {
  return [
    ['managed_outbound_ip_count', wanted.managedOutboundIpCount],
    ['managed_outbound_ipv6_count', wanted.managedOutboundIpv6Count || null],
    ['outbound_ip_address_ids', wanted.outboundIpIds.length > 0 ? wanted.outboundIpIds : null],
    ['outbound_ip_prefix_ids', wanted.outboundIpPrefixIds.length > 0 ? wanted.outboundIpPrefixIds : null],
    ['outbound_ports_allocated', wanted.allocatedOutboundPorts],
    ['idle_timeout_in_minutes', wanted.idleTimeoutInMinutes],
  ]
}

function natGatewayFields(wanted: NatGatewayTarget): [string, Json][] {
  return [
    ['managed_outbound_ip_count', wanted.managedOutboundIpCount],
    ['idle_timeout_in_minutes', wanted.idleTimeoutInMinutes],
  ]
}

function block(name: string, fields: [string, Json][]): string[] {
  const present = fields.filter(([, value]) => value !== null)
  return [
    `  ${name} {`,
    ...present.map(([key, value]) => `    ${key} = ${literal(value, 2, TERRAFORM)}`),
    '  }',
  ]
}

/** How a language writes values. */
export interface LiteralSyntax {
  text(value: string): string
  /** Between the name and the value of a field. */
  assign: string
  /** After an item of a list. */
  separator: string
}

const TERRAFORM: LiteralSyntax = {
  text: (value) => JSON.stringify(value).replaceAll('${', '$${'),
  assign: ' =',
  separator: ',',
}

/** A JSON value as source text of a language, `depth` levels inside its resource. */
export function literal(value: Json | undefined, depth: number, syntax: LiteralSyntax): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return syntax.text(value)
  if (typeof value !== 'object') return String(value)
  const inner = (item: Json | undefined) => literal(item, depth + 1, syntax)
  const isList = Array.isArray(value)
  const lines = isList
    ? value.map((item) => `${inner(item)}${syntax.separator}`)
    : Object.entries(value).map(([key, item]) => `${key}${syntax.assign} ${inner(item)}`)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  return [
    open,
    ...lines.map((line) => `${'  '.repeat(depth + 1)}${line}`),
    `${'  '.repeat(depth)}${close}`,
  ].join('\n')
}
