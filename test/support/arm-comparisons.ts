import type { Node, SourceFile } from './source-files.ts'

/** Members that hold words as ARM spells them, in mixed letter case. */
const ARM_FIELDS = [
  'allocationMethod',
  'artifactSource',
  'backendPoolType',
  'gpuDriver',
  'identityType',
  'loadBalancerSku',
  'networkPlugin',
  'networkPluginMode',
  'networkPolicy',
  'nextHopType',
  'nodeOsUpgradeChannel',
  'nodeProvisioningMode',
  'nodeResourceGroupRestriction',
  'osSku',
  'osType',
  'powerState',
  'provisioningState',
  'sku',
  'skuName',
]

/** Words of ARM that this service uses for nothing else, in any variable. */
const ARM_WORDS = [
  'Automatic',
  'AvailabilitySet',
  'AzureKubernetesService',
  'Cache',
  'CanNotDelete',
  'Direct',
  'Dynamic',
  'Gateway',
  'Linux',
  'Machines',
  'ManagedSystem',
  'NodeIP',
  'None',
  'PodIP',
  'ReadOnly',
  'System',
  'SystemAssigned',
  'Unmanaged',
  'UserAssigned',
  'VirtualAppliance',
  'VirtualApplianceEcmp',
  'VirtualMachineScaleSets',
  'VirtualMachines',
  'VirtualNetworkGateway',
  'VnetLocal',
  'Windows',
]

/** Modules that compare words of ARM. The simulator imports nothing of core. */
export const COMPARING_MODULES = /^(azure|core|planning|jobs|reports|routes)\//

/** Where letter case is folded, or the words are the service's own. */
export const COMPARES_RAW: Record<string, string> = {
  'core/lib/fold-case.ts': 'the helper itself',
  'core/arm/outbound-type.ts': 'returns the canonical type; its SKU is the union NatGatewaySku',
  'core/egress/routes.ts': 'nextHopOf returns the canonical next hop, which is compared here',
  'core/egress/ways.ts': 'compares what nextHopOf returns',
  'core/preparation/prepare-default-route.ts': 'the next hop of the request is a union of the contract',
  'core/target/cluster-patch.ts': 'the SKU of a target is the union NatGatewaySku',
  'core/target/complete-target.ts': 'the SKU of a target is the union NatGatewaySku',
  'core/plan/steps/build-steps.ts': 'the SKU of a target is the union NatGatewaySku',
  'core/handoff/azure-cli.ts': 'the SKU of a target is the union NatGatewaySku',
  'core/rules/managed-nat-gateway.ts': 'the SKU of a target is the union NatGatewaySku',
  'jobs/commands/withdraw-approval.ts': 'compares UUIDs of approvals',
  'routes/auth/entra.ts': 'compares tenant IDs of Microsoft Entra ID',
  'routes/conditional/long-poll.ts': 'compares HTTP preferences',
  'routes/idempotency/idempotent-handler.ts': 'compares names of HTTP headers',
  'routes/server/site-checks.ts': 'compares host names',
  'routes/validation/plan-request-rules.ts': 'the schema limits the SKU and the next hop of a request',
}

/** Comparisons of words of ARM that depend on letter case, or fold the letter case without a helper. */
export function rawComparisons({ path, nodes }: SourceFile): string[] {
  return nodes.flatMap((node) => {
    const found = rawComparison(node)
    return found === null ? [] : [`${path}: ${found}`]
  })
}

function rawComparison(node: Node): string | null {
  if (node.type === 'BinaryExpression' && /^[!=]==?$/.test(String(node.operator))) {
    const sides = [node.left as Node, node.right as Node].map(withoutChain)
    if (sides.some(foldsCase)) return 'letter case folded for a comparison'
    const [left, right] = sides
    return left && right && (comparesWord(left, right) || comparesWord(right, left))
      ? 'a raw comparison'
      : null
  }
  if (node.type === 'SwitchStatement' && ARM_FIELDS.includes(memberName(node.discriminant as Node)))
    return 'a raw switch'
  if (node.type !== 'CallExpression') return null
  const { object, property } = node.callee as Node & { object?: Node; property?: Node }
  if (object === undefined || !/^(includes|indexOf)$/.test(String(property?.name))) return null
  const [argument] = (node.arguments as Node[]).map(withoutChain)
  if (argument === undefined) return null
  if (foldsCase(argument)) return 'letter case folded for a search'
  const isList = withoutChain(object).type === 'ArrayExpression'
  return isList && ARM_FIELDS.includes(memberName(argument)) ? 'a raw search' : null
}

/**
 * Whether one side is a word, and the other a member that ARM fills or a word that only ARM uses. What a function
 * returns, such as `nextHopOf`, is canonical.
 */
function comparesWord(word: Node, other: Node): boolean {
  if (word.type !== 'Literal' || typeof word.value !== 'string' || word.value === '') return false
  const isMapped = other.type === 'CallExpression'
  return ARM_FIELDS.includes(memberName(other)) || (!isMapped && ARM_WORDS.includes(word.value))
}

function foldsCase(node: Node): boolean {
  const callee = node.type === 'CallExpression' ? (node.callee as Node) : undefined
  return /^to(Lower|Upper)Case$/.test(String((callee?.property as Node | undefined)?.name))
}

/** `b` for `a.b`, `a?.b`, and a local `b`. */
function memberName(node: Node): string {
  const { type, property, name } = withoutChain(node) as Node & { property?: Node }
  return String(type === 'MemberExpression' ? property?.name : name)
}

function withoutChain(node: Node): Node {
  return node.type === 'ChainExpression' ? (node.expression as Node) : node
}
