import { idKey, nodeGroupId } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { lostAddresses } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { measuredResources } from '../plan/measured-demand.ts'
import { documented } from '../references/references.ts'
import { hasStaticGateway } from '../snapshot/agent-pools.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'
import { subnetsWithoutGateway } from './user-nat-gateway.ts'

export const ASK_BEFOREHAND = rule<{ questions: { rule: string; question: string }[] }>('ASK_BEFOREHAND', {
  severity: 'info',
  message: (f) =>
    `Azure Resource Manager does not show everything that this change depends on: check ${pointsLabel(f.questions)} yourself.`,
  remedy: (f) =>
    `Check ${pointsLabel(f.questions)}: ${numbered(f.questions)} Before you execute the plan, fix every problem that you find.`,
  source: documented({ text: 'docs/findings.md, section "Questions of ASK_BEFOREHAND"' }),
})

function pointsLabel(questions: unknown[]): string {
  return questions.length === 1 ? 'one point' : `${questions.length} points`
}

/** A question can have several sentences, so numbers separate several questions. */
function numbered(questions: { question: string }[]): string {
  return questions
    .map(({ question }, index) => (questions.length === 1 ? question : `(${index + 1}) ${question}`))
    .join(' ')
}

/** One finding with the questions about this change that ARM cannot answer. */
export const checkManualChecks: Check = (context) => {
  const questions = QUESTIONS.filter(({ isAsked }) => isAsked(context))
  return ASK_BEFOREHAND.ifAny({ questions: questions.map(({ rule, question }) => ({ rule, question })) })
}

interface Question {
  /** The rule that cannot be decided from ARM. */
  rule: string
  question: string
  isAsked: (context: PlanningContext) => boolean
}

/** All questions that a plan can ask; `docs/findings.md` lists them. */
export const QUESTIONS: readonly Question[] = [
  {
    rule: 'ISO_EXTENSIONS',
    question:
      'Does `az k8s-extension list --cluster-type managedClusters -g <resource group> -c <cluster>` list extensions for Dapr, App Configuration, Azure Machine Learning, Flux or AKS Backup? Network isolation does not support these extensions.',
    isAsked: entersIsolation,
  },
  {
    rule: 'ISO_STORAGE_CLASS',
    question:
      'Do all storage classes for Azure Files and Azure Blob Storage use private endpoints? In `kubectl get storageclass -o yaml`, these classes have `networkEndpointType: privateEndpoint`.',
    isAsked: entersIsolation,
  },
  {
    rule: 'ISO_ACR_SKU',
    question:
      'Does the customer-provided bootstrap registry have the SKU Premium, a private endpoint, the cache rule `aks-managed-mcr`, and the role `AcrPull` for the kubelet identity? Use `az acr show`, `az acr cache list` and `az role assignment list` to check this.',
    isAsked: (context) =>
      entersIsolation(context) && context.snapshot.cluster.features.bootstrapRegistryId !== null,
  },
  {
    rule: 'ISO_ACR_AUTHENTICATION',
    question:
      'Does `az acr config authentication-as-arm show` return `enabled` for the customer-provided bootstrap registry? AKS does not support a registry where this setting is disabled.',
    isAsked: (context) =>
      entersIsolation(context) && context.snapshot.cluster.features.bootstrapRegistryId !== null,
  },
  {
    rule: 'UANAT_BASIC_NEIGHBOURS',
    question:
      'Do scale sets or other resources in the subnets that have no NAT gateway use Basic load balancers or Basic public IP addresses? Azure does not support a NAT gateway on a subnet with such resources. `az network lb list` and `az network public-ip list` show the SKU.',
    isAsked: (context) => subnetsWithoutGateway(context).some((subnet) => hasStrangers(subnet, context)),
  },
  {
    rule: 'UANAT_FAILED_NIC',
    question:
      'In the subnets that have no NAT gateway yet, does any network interface have the `provisioningState` `Failed`? Azure attaches no NAT gateway to a subnet with such an interface. `az network nic list` and `az vmss nic list` show the state.',
    isAsked: (context) => subnetsWithoutGateway(context).length > 0,
  },
  {
    rule: 'SNAT_NAT_SIZING',
    question:
      'In Azure Monitor, is the highest value of the metric `SNATConnectionCount` of the load balancer in the last 14 days within the limits of the new NAT gateway? Each address of the gateway has 64,512 SNAT ports, and allows at most 50,000 connections to one destination.',
    isAsked: ({ effective, snapshot }) =>
      effective.before === 'loadBalancer' && effective.after === 'natGateway' && !isMeasured(snapshot),
  },
  {
    rule: 'NETPOL_CILIUM_ACNS',
    question:
      'Do network policies contain old egress IPs, or host names that resolve to these IPs? `kubectl get networkpolicies -A -o yaml` shows the policies, and `kubectl get ciliumnetworkpolicies -A -o yaml` those of Cilium.',
    isAsked: (context) => hasPolicies(context) && lostAddresses(context).length > 0,
  },
  {
    rule: 'SEG_PRIVATE_MODE',
    question:
      'If a `StaticGatewayConfiguration` sets `provisionPublicIps` to false, does the traffic of its static egress gateway have a separate egress path? `kubectl get staticgatewayconfigurations -A -o yaml` shows the setting.',
    isAsked: ({ snapshot: { cluster }, from, to }) => from !== to && hasStaticGateway(cluster),
  },
  {
    rule: 'HTTP_PROXY_PATH',
    question:
      'Does the HTTP proxy identify its clients by egress IPs that the cluster loses? Ask the team that operates the proxy.',
    isAsked: (context) =>
      context.snapshot.cluster.features.httpProxy !== null && lostAddresses(context).length > 0,
  },
  {
    rule: 'AUTHORIZED_SELF_LOCKOUT',
    question:
      'From which addresses do operators and pipelines reach the API server, and are these addresses in the authorized IP ranges? The logs `kube-audit` of the cluster show the source addresses.',
    isAsked: (context) =>
      (context.ranges.mode === 'enforced' || context.ranges.mode === 'nodesPrivate') &&
      lostAddresses(context).length > 0,
  },
]

/** Azure Monitor answers the question itself. */
function isMeasured(snapshot: Snapshot): boolean {
  const resources = measuredResources(snapshot) ?? []
  return (
    resources.length > 0 &&
    resources.every(({ connections, exclusive }) => connections !== null && exclusive !== false)
  )
}

function entersIsolation({ from, to }: PlanningContext): boolean {
  const isIsolated = (key: string | null) => key === 'none' || key === 'block'
  return isIsolated(to) && !isIsolated(from)
}

/** ARM lists the addresses and interfaces of scale sets only for each instance. Those of AKS have the SKU of the cluster. */
function hasStrangers({ occupantGroups }: SubnetFacts, { snapshot: { cluster } }: PlanningContext): boolean {
  return occupantGroups.some((group) => group !== idKey(nodeGroupId(cluster)))
}

function hasPolicies({ snapshot: { cluster } }: PlanningContext): boolean {
  return cluster.features.advancedPolicies || equalsArm(cluster.features.networkPolicy, 'cilium')
}
