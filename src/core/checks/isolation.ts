import { subnetsAfter } from '../after-egress.ts'
import { effectivePathOf } from '../effective-egress.ts'
import type { FeatureFacts } from '../feature-facts.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** The oldest Kubernetes minor version for network-isolated clusters (NIh). */
const OLDEST_MINOR = 30

/** none and block are for network-isolated clusters; entering and leaving them has its own rules (rulebook 3.6). */
export const isolation: Check = (context) => {
  const { from, to } = context
  const isIsolated = (key: string | null) => key === 'none' || key === 'block'
  if (isIsolated(to)) return context.isNoChange ? [] : entering(context)
  return isIsolated(from) && context.snapshot.cluster.artifactSource?.toLowerCase() === 'cache'
    ? [finding('ISO_LEAVING', {})]
    : []
}

function entering(context: PlanningContext): Finding[] {
  return [...clusterRules(context), ...poolRules(context), ...meaning(context)]
}

function clusterRules({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.artifactSource?.toLowerCase() !== 'cache')
    findings.push(finding('ISO_NOT_NETWORK_ISOLATED', { artifactSource: cluster.artifactSource }))
  if (!cluster.enablePrivateCluster && !cluster.enableVnetIntegration)
    findings.push(finding('ISO_API_PUBLIC', {}))
  if (isTooOld(cluster.kubernetesVersion))
    findings.push(finding('ISO_K8S_VERSION', { kubernetesVersion: cluster.kubernetesVersion }))
  if (cluster.networkPlugin?.toLowerCase() === 'kubenet') findings.push(finding('ISO_KUBENET', {}))
  if (cluster.nodeOsUpgradeChannel === 'Unmanaged') findings.push(finding('ISO_NODE_OS_CHANNEL', {}))
  return findings
}

function poolRules({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const named = (holds: (pool: (typeof cluster.agentPools)[number]) => boolean) =>
    cluster.agentPools.filter(holds).map((pool) => pool.name)
  const windows = named((pool) => pool.osType === 'Windows')
  const withIps = named((pool) => pool.enableNodePublicIP)
  const findings: Finding[] = []
  const monitors = monitoring(cluster.features)
  if (monitors.length > 0) findings.push(finding('ISO_MONITORING', { features: monitors }))
  if (windows.length > 0) findings.push(finding('ISO_WINDOWS', { pools: windows }))
  if (withIps.length > 0) findings.push(finding('ISO_NODE_PUBLIC_IP', { pools: withIps }))
  return findings
}

function meaning({ snapshot, to, target }: PlanningContext): Finding[] {
  const findings = [finding('ISO_WORKLOADS_LOSE_INTERNET', { outboundType: target.outboundType })]
  const leaky = subnetsAfter(snapshot, target).filter(
    (subnet) => effectivePathOf(subnet, snapshot, target.outboundType) === 'defaultOutbound',
  )
  if (to === 'none' && leaky.length > 0)
    findings.push(finding('DEFAULT_OUTBOUND_LEAK', { subnets: leaky.map((subnet) => nameOf(subnet.id)) }))
  return findings
}

function isTooOld(version: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  return major === 1 && minor !== undefined && minor < OLDEST_MINOR
}

function monitoring(features: FeatureFacts): string[] {
  return [
    ...(features.containerInsights ? ['Container monitoring'] : []),
    ...(features.managedPrometheus ? ['Managed Prometheus'] : []),
  ]
}
