import { Type } from 'typebox'
import { INVENTORY_FILTERS } from '../../contract/inventory-filter.ts'
import { PlanRequestSchema } from '../../contract/plan-request.ts'
import { compareTargets } from '../../routes/operations/compare-targets.ts'
import { createPlan } from '../../routes/operations/create-plan.ts'
import { getClusterEgress } from '../../routes/operations/get-cluster-egress.ts'
import { getFinding } from '../../routes/operations/get-finding.ts'
import { getPlan } from '../../routes/operations/get-plan.ts'
import { listClusters } from '../../routes/operations/list-clusters.ts'
import { CLUSTER_ARGUMENT, clusterPath, defineTool, described, PLAN_ID, READS } from './tool.ts'
import { CLUSTERS_VIEW, COMPARISON_VIEW, EGRESS_VIEW, FINDING_VIEW, PLAN_VIEW } from './views.ts'

export const findClusters = defineTool({
  name: 'find_clusters',
  title: 'Find clusters',
  description:
    'Lists the AKS clusters that you have permission to see, with their outbound type, egress addresses, and flags. `next` is the `cursor` of the next page; null on the last page.',
  operation: listClusters,
  annotations: { readOnlyHint: true, openWorldHint: false },
  view: CLUSTERS_VIEW,
  arguments: {
    ...INVENTORY_FILTERS,
    subscriptionId: described(INVENTORY_FILTERS.subscriptionId),
    resourceGroup: described(INVENTORY_FILTERS.resourceGroup),
    name: described(INVENTORY_FILTERS.name, '`*` matches any characters, such as `aks-prod-*`.'),
    location: described(INVENTORY_FILTERS.location, 'The region, such as `eastus`.'),
    tag: described(INVENTORY_FILTERS.tag, 'A name, or a name and a value such as `team=payments`.'),
    outboundType: described(INVENTORY_FILTERS.outboundType, 'The declared outbound type.'),
    path: described(INVENTORY_FILTERS.path, 'The egress path in use.'),
    vnet: described(INVENTORY_FILTERS.vnet, '`managed` by AKS, or `byo`.'),
    flag: described(INVENTORY_FILTERS.flag),
    address: described(INVENTORY_FILTERS.address, 'An egress address, or a CIDR that contains it.'),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default: 10.' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
  },
  request: ({ limit = 10, ...query }) => ({ query: { limit, ...query } }),
})

export const readEgress = defineTool({
  name: 'read_egress',
  title: 'Read the egress of a cluster',
  description:
    'Reads the cluster in Azure and returns its declared and actual egress, its addresses, the authorized IP ranges, and a verdict for each outbound type. Changes nothing.',
  operation: getClusterEgress,
  annotations: READS,
  view: EGRESS_VIEW,
  arguments: { cluster: CLUSTER_ARGUMENT },
  request: ({ cluster }) => ({ params: clusterPath(cluster) }),
})

export const compareAllTargets = defineTool({
  name: 'compare_targets',
  title: 'Compare the targets of a cluster',
  description:
    'Compares all outbound types as targets of the cluster, in the recommended order with reasons. Changes nothing.',
  operation: compareTargets,
  annotations: READS,
  view: COMPARISON_VIEW,
  arguments: { cluster: CLUSTER_ARGUMENT },
  request: ({ cluster }) => ({ params: clusterPath(cluster) }),
})

// These members are for programs. Without them, the list of tools takes less of each conversation.
const { labels: _labels, verifyFromNodes: _verify, ...planMembers } = PlanRequestSchema.properties

export const plan = defineTool({
  name: 'plan',
  title: 'Plan a change of the outbound type',
  description:
    'Creates a plan: findings, steps, and the removed and added addresses. It does not change the cluster. Show the user the findings before you execute the plan. `blocked` plans list blockers with remedies.',
  operation: createPlan,
  annotations: { readOnlyHint: false, destructiveHint: false },
  view: PLAN_VIEW,
  arguments: {
    ...planMembers,
    cluster: CLUSTER_ARGUMENT,
    authorizedRanges: described(
      planMembers.authorizedRanges,
      '`widen` (default) adds the new addresses to the authorized IP ranges before the cutover; `keep` does not.',
    ),
    upgradeNodeImages: described(
      planMembers.upgradeNodeImages,
      'Upgrades the node images at the end, which AKS requires after the change. Default: false.',
    ),
    consumers: described(
      planMembers.consumers,
      'Partners whose allow lists contain the addresses of the cluster.',
    ),
    reason: described(planMembers.reason, 'For the audit log, such as a change number.'),
  },
  request: (body) => ({ body }),
})

export const readPlan = defineTool({
  name: 'read_plan',
  title: 'Read a plan',
  description:
    'Returns a stored plan with its current status. Use `fields` to get members that the summary omits.',
  operation: getPlan,
  annotations: READS,
  view: PLAN_VIEW,
  arguments: { planId: PLAN_ID },
  request: ({ planId }) => ({ params: { planId } }),
})

export const explainFinding = defineTool({
  name: 'explain_finding',
  title: 'Explain a finding code',
  description:
    'Returns the meaning, the sources, and an example of a finding code. The plan itself contains the message and the remedy for the cluster.',
  operation: getFinding,
  annotations: { readOnlyHint: true, openWorldHint: false },
  view: FINDING_VIEW,
  arguments: {
    code: Type.String({ pattern: '^[A-Za-z0-9_]{1,100}$', description: 'Such as `EGRESS_IP_LOST`.' }),
  },
  request: ({ code }) => ({ params: { code } }),
})
