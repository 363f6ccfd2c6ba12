import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aPublicIp,
  aSnapshot,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { GATEWAY, onGateway, onTable, TABLE } from '../../support/own-network.ts'
import { SUBSCRIPTION_ID, withRights } from '../../support/permissions.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

const TAKEN = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-lb-egress-1`

const NEW_HOP = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.9' }

const VNET = SUBNET.replace(/\/subnets\/.*/, '')
const APPLICATION_GATEWAY = SUBNET.replace('/nodes', '/appgw')

const OTHER_NODES = `${GROUP}/${NETWORK}/virtualNetworks/vnet-other/subnets/nodes`

/** A subnet of others that has the route table of the cluster. */
function sharedWith(other: Partial<SubnetFacts>): Snapshot {
  const subnet = aSubnet({ ...other, pools: [], routeTableId: TABLE })
  const [own, network] = onTable(null)
  return aByoSnapshot(own, {
    ...network,
    virtualNetworks: [aVirtualNetwork({ id: VNET, subnets: [aSubnet(own), subnet] })],
  })
}

/** The resource group of the request, and what manages it. */
function groupManagedBy(managedBy: string | null): Snapshot {
  return aSnapshot({ surroundings: withRights({ preparationGroup: { facts: { managedBy } } }) })
}

const IN_OTHER_GROUP = { prepare: { publicIps: { count: 1 }, resourceGroup: 'rg-other' } }

export const CASES: RuleCases = {
  PREPARE_NAME_TAKEN: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1', sku: 'Basic' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 } } },
    facts: { resources: [{ id: TAKEN, because: 'its SKU is Basic, not Standard' }] },
  },
  PREPARE_GATEWAY_UNREADABLE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: { id: `${GROUP}/${NETWORK}/natGateways/no` } } },
    facts: { gateway: `${GROUP}/${NETWORK}/natGateways/no` },
    absent: {
      snapshot: aByoSnapshot({}, onGateway[1]),
      given: { prepare: { natGateway: { id: GATEWAY.id } } },
    },
  },
  PREPARE_GATEWAY_OF_OTHER_NETWORK: {
    severity: 'blocker',
    snapshot: aByoSnapshot(
      {},
      { natGateways: [{ ...GATEWAY.gateway, subnetIds: [OTHER_NODES] }], publicIps: [GATEWAY.publicIp] },
    ),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: { id: GATEWAY.id } } },
    facts: { gateway: 'gateway', networks: ['vnet-other'], subnets: ['nodes'] },
    absent: {
      snapshot: aByoSnapshot(
        {},
        {
          natGateways: [{ ...GATEWAY.gateway, subnetIds: [APPLICATION_GATEWAY] }],
          publicIps: [GATEWAY.publicIp],
        },
      ),
    },
  },
  PREPARE_NOTHING_LEFT: {
    severity: 'info',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 } } },
    facts: { because: ['`pip-demo-lb-egress-1` already exists'] },
  },
  PREPARE_PART_UNUSED: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onTable('VirtualAppliance', '10.9.0.4')),
    target: 'userDefinedRouting',
    given: { prepare: { defaultRoute: { ...NEW_HOP, routeTableName: 'rt-other' } } },
    facts: {
      parts: [
        {
          part: 'prepare.defaultRoute.routeTableName',
          because: 'every subnet already has a route table, and the job adds the route there',
        },
      ],
    },
    absent: { given: { prepare: { defaultRoute: NEW_HOP } } },
  },
  PREPARE_PART_MET: {
    severity: 'info',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 2 } } },
    facts: { parts: [{ part: 'prepare.publicIps', because: '`pip-demo-lb-egress-1` already exists' }] },
  },
  PREPARE_ROUTE_UNSUPPORTED: {
    severity: 'acknowledge',
    snapshot: sharedWith({ id: APPLICATION_GATEWAY, hasApplicationGateway: true }),
    target: 'userDefinedRouting',
    given: { prepare: { defaultRoute: NEW_HOP } },
    facts: {
      routeTable: 'table',
      subnets: [{ id: APPLICATION_GATEWAY, purpose: 'Application Gateway' }],
    },
    absent: { snapshot: sharedWith({ id: APPLICATION_GATEWAY }) },
  },
  PREPARE_REPLACES_GATEWAY: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: { sku: 'StandardV2' } } },
    facts: { subnets: [{ subnet: 'nodes', former: 'gateway', replacement: 'ng-demo-egress' }] },
    absent: { given: { prepare: { natGateway: {} } } },
  },
  PREPARE_GROUP_IS_MANAGED: {
    severity: 'blocker',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 }, resourceGroup: 'mc_RG-demo_demo_eastus' } },
    facts: { resourceGroup: 'mc_RG-demo_demo_eastus' },
    absent: { given: { prepare: { publicIps: { count: 1 }, resourceGroup: 'rg-new' } } },
  },
  PREPARE_GROUP_MANAGED_ELSEWHERE: {
    severity: 'blocker',
    snapshot: groupManagedBy(
      '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/w',
    ),
    target: 'loadBalancer',
    given: IN_OTHER_GROUP,
    facts: { resourceGroup: 'rg-other' },
    absent: { snapshot: groupManagedBy(null) },
  },
  PREPARE_GROUP_NOT_GRANTED: {
    severity: 'blocker',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    given: { ...IN_OTHER_GROUP, preparationGroups: [{ subscriptionId: '*', resourceGroup: 'rg-egress-*' }] },
    facts: { resourceGroup: 'rg-other' },
    absent: {
      given: { ...IN_OTHER_GROUP, preparationGroups: [{ subscriptionId: '*', resourceGroup: 'RG-O*' }] },
    },
  },
  PREPARE_GROUP_MISSING: {
    severity: 'blocker',
    snapshot: aSnapshot({
      surroundings: withRights({
        callerPermissions: {
          [`${SUBSCRIPTION_ID}/resourcegroups/rg-other`]: {
            unread: { what: 'rg-other', reason: 'not-found', code: 'ResourceGroupNotFound', message: 'no' },
          },
        },
      }),
    }),
    target: 'loadBalancer',
    given: IN_OTHER_GROUP,
    facts: { resourceGroup: 'rg-other' },
  },
  PREPARE_GROUP_NOT_CHECKED: {
    severity: 'acknowledge',
    snapshot: aSnapshot({
      surroundings: withRights({
        preparationGroup: { unread: { what: 'rg-other', reason: 'denied', code: 'X', message: 'no' } },
      }),
    }),
    target: 'loadBalancer',
    given: IN_OTHER_GROUP,
    facts: { resourceGroup: 'rg-other' },
    absent: { snapshot: groupManagedBy(null) },
  },
  CUTOVER_IS_PREPARATION: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: {} } },
    facts: { neighbours: [], madeHere: 1 },
    message:
      /^Traffic moves in the step "Attach NAT gateway .*", before the cluster changes: .* use the new path\.$/,
  },
}
