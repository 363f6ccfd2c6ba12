import type { Json } from '../../../src/contract/json.ts'
import type { FieldChange } from '../../../src/contract/steps.ts'

const NETWORK = '/properties/networkProfile'
const set = (path: string, value: Json): FieldChange => ({ op: 'set', path: NETWORK + path, value })
const remove = (path: string): FieldChange => ({ op: 'remove', path: NETWORK + path })

/** The changes of a plan to each legal target, written manually. */
export const CHANGES_BY_TARGET: Record<string, FieldChange[]> = {
  loadBalancer: [
    set('/outboundType', 'loadBalancer'),
    set('/loadBalancerProfile/managedOutboundIPs', { count: 3 }),
    remove('/loadBalancerProfile/outboundIPs'),
    set('/loadBalancerProfile/allocatedOutboundPorts', 1024),
    set('/loadBalancerProfile/idleTimeoutInMinutes', 15),
    remove('/natGatewayProfile'),
  ],
  managedNATGateway: [
    set('/outboundType', 'managedNATGateway'),
    remove('/natGatewayProfile/sku'),
    set('/natGatewayProfile/managedOutboundIPProfile', { count: 2 }),
    set('/natGatewayProfile/idleTimeoutInMinutes', 4),
    remove('/loadBalancerProfile'),
  ],
  managedNATGatewayV2: [
    set('/outboundType', 'managedNATGateway'),
    set('/natGatewayProfile', {
      sku: 'StandardV2',
      outboundIPs: { publicIPs: ['/ip/1'] },
      idleTimeoutInMinutes: 4,
    }),
    remove('/loadBalancerProfile'),
  ],
  userAssignedNATGateway: [
    set('/outboundType', 'userAssignedNATGateway'),
    remove('/loadBalancerProfile'),
    remove('/natGatewayProfile'),
  ],
  userDefinedRouting: [
    set('/outboundType', 'userDefinedRouting'),
    remove('/loadBalancerProfile'),
    remove('/natGatewayProfile'),
  ],
  none: [set('/outboundType', 'none'), remove('/loadBalancerProfile'), remove('/natGatewayProfile')],
  block: [set('/outboundType', 'block'), remove('/loadBalancerProfile'), remove('/natGatewayProfile')],
  'wider ranges': [
    {
      op: 'unionCidrs',
      path: '/properties/apiServerAccessProfile/authorizedIPRanges',
      cidrs: ['20.1.2.3/32'],
    },
    { op: 'unionDiscoveredEgress', path: '/properties/apiServerAccessProfile/authorizedIPRanges' },
  ],
}
