import { Type } from 'typebox'
import type { AllowListsPlan } from './allow-lists.ts'
import type {
  AuthorizedRangesPlan,
  EffectivePath,
  EgressIpChange,
  PathChange,
  Snat,
  ZoneResilience,
} from './egress.ts'
import { enumOf, nullable, openObject, string } from './fields.ts'
import type { Json, JsonObject } from './json.ts'
import type { Support } from './outbound-type.ts'
import { SUPPORTS, TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from './outbound-type.ts'
import type { ClusterRef, RequestedTarget, Target } from './plan-request.ts'
import type { Preflight } from './preflight.ts'
import type { RequestedPreparation } from './preparation.ts'
import type { RequiredEndpoints, SubnetRouting } from './routing.ts'
import type { Step, StepKey } from './steps.ts'

/**
 * A plan: immutable, made from one snapshot and one request, and complete. Whoever executes it finds
 * nothing left to decide. The field names are the HTTP contract.
 */
export interface Plan {
  /** UUID version 7, given by the caller of the planner. */
  id: string
  /** What the plan was when it was made; its later life is kept beside it (`PlanStatus`). */
  status: 'applicable' | 'blocked' | 'noChange'
  createdAt: string
  expiresAt: string
  createdBy: string
  reason: string | null
  azure: AzureMode
  cluster: PlanCluster
  request: RequestedTarget
  /** What the caller asked the plan to make before the cut-over. */
  prepare: RequestedPreparation | null
  /** Whether the plan upgrades the node image of every pool at its end. */
  upgradeNodeImages: boolean
  from: PlanFrom
  to: Target
  transition: PlanTransition
  findings: Finding[]
  /** Codes of the findings that a job must name to be accepted. */
  acknowledgementsRequired: string[]
  resourceChanges: ResourceChange[]
  /** The effective egress, subnet by subnet; empty where no subnet can be seen. */
  paths: PathChange[]
  egressIps: EgressIpChange[]
  authorizedRanges: AuthorizedRangesPlan
  /** Who else knows the addresses that go; the cluster's own ranges are `authorizedRanges`. */
  allowLists: AllowListsPlan
  snat: Snat
  zoneResilience: ZoneResilience
  disruption: Disruption
  /** How every subnet is routed once the plan's own preparation is done; empty where no subnet can be seen. */
  routing: SubnetRouting[]
  /** What nodes must reach, where they will leave by an appliance; null otherwise. */
  requiredEndpoints: RequiredEndpoints | null
  steps: Step[]
  cutOver: Cutover
  preflight: Preflight
  rollback: RollbackOutlook
  /** null where the change cannot be made. */
  handoff: Handoff | null
  basis: Basis
}

/** When packets take their new path: often not at the AKS call but when a gateway or route is attached. */
export interface Cutover {
  /** null where no step moves traffic: it leaves by the target's path already, or nothing is to be done. */
  step: StepKey | null
  because: string
}

export type AzureMode = 'simulated' | 'azure'

export type PlanStatus =
  | 'applicable'
  | 'blocked'
  | 'noChange'
  | 'executed'
  | 'discarded'
  | 'expired'
  | 'stale'

interface PlanCluster extends ClusterRef {
  id: string
  location: string
  vnet: VnetKind
  etag: string | null
}

export interface PlanFrom {
  outboundType: string
  natGatewaySku: string | null
  /** The path that packets really take; differs from `outboundType` when something on the subnet wins. */
  effective: EffectivePath
  loadBalancer: {
    managedOutboundIpCount: number | null
    managedOutboundIpv6Count: number | null
    outboundIpIds: string[]
    outboundIpPrefixIds: string[]
    allocatedOutboundPorts: number | null
    idleTimeoutInMinutes: number | null
  } | null
  natGateway: {
    managedOutboundIpCount: number | null
    managedOutboundIpv6Count: number | null
    outboundIpIds: string[]
    outboundIpPrefixIds: string[]
    idleTimeoutInMinutes: number | null
  } | null
}

export interface PlanTransition {
  vnet: VnetKind
  from: TypeKey | null
  to: TypeKey
  support: Support
  editions: { edition: string; verdict: string }[]
  reversible: boolean
  reason: string
  /** Targets that can be reached from here instead. */
  alternatives: { target: TypeKey; support: Support }[]
  /** Ways to the target over other types, where the direct one is closed; each a list of type keys. */
  routes: TypeKey[][]
}

/**
 * `blocker`: cannot be executed. `acknowledge`: executed only when the caller names the code.
 * `warning` and `info`: shown.
 */
export const SEVERITIES = ['blocker', 'acknowledge', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export const CONFIDENCES = ['documented', 'observed', 'inferred'] as const
export type Confidence = (typeof CONFIDENCES)[number]

export interface Finding {
  code: string
  severity: Severity
  message: string
  remedy: string
  facts: Record<string, Json>
  confidence: Confidence
  source: string
}

export const CHANGE_ACTIONS = ['create', 'update', 'delete', 'attach', 'detach', 'retain'] as const
export type ChangeAction = (typeof CHANGE_ACTIONS)[number]

export interface ResourceChange {
  action: ChangeAction
  /** ARM resource type. */
  type: string
  id: string | null
  name: string | null
  /** Who makes the change: AKS itself, or the user (whose resource it is). */
  owner: 'aks' | 'user'
  /** How many of them; more than one only where they do not exist yet. */
  count: number
  knownAt: 'plan' | 'apply'
  because: string
  confidence: Confidence
  properties: { path: string; before: Json; after: Json }[]
}

export interface Disruption {
  existingConnections: 'dropped' | 'unchanged'
  idleTimeoutInMinutes: { before: number | null; after: number | null }
  ingress: string
  nodeImageUpgrade: string
}

/** The end state for whoever keeps the cluster in code, or wants to make the change by hand. */
export interface Handoff {
  /** One command; null where the Azure CLI cannot express the target. */
  azureCli: string | null
  /** The least version of the Azure CLI, or of its extension, that the command needs. */
  azureCliVersion: string | null
  /** The part of the managed cluster's ARM body that the target decides, with the API version that knows it. */
  arm: JsonObject
  bicep: string
  /** A fragment for `azurerm_kubernetes_cluster`; null where the provider cannot express the target. */
  terraform: string | null
  terraformAzapi: string
}

export interface RollbackOutlook {
  supported: boolean
  /** `null` where no edition knows the way back. */
  support: Support | null
  target: RequestedTarget | null
  /** What does not come back, in words. */
  lost: string[]
  routes: TypeKey[][]
  /** What a plan back would say today; null where there is none. */
  plan: RollbackPreview | null
}

export interface RollbackPreview {
  status: 'applicable' | 'blocked'
  steps: Pick<Step, 'key' | 'title'>[]
  /** Whether the plan back moves packets at all: what was attached for the change stays until it is cleaned up. */
  cutOver: Cutover
  /** Codes of the findings. */
  blockers: string[]
  acknowledgements: string[]
}

/**
 * The facts that the plan rests on. Where the API shows no ETag they alone tell whether the cluster has
 * moved since (design 6). Keys are JSON-pointer-like names, values are compared as JSON.
 */
export interface Basis {
  etag: string | null
  facts: Record<string, Json>
}

export const FindingSchema = Type.Object(
  {
    code: string(
      'Stable, for programs; the finding to name in `acknowledge` when its severity is `acknowledge`.',
    ),
    severity: enumOf(SEVERITIES, {
      description:
        '`blocker`: the plan cannot be executed. `acknowledge`: it is executed only when the caller names the code. `warning` and `info` are shown.',
    }),
    message: string(),
    remedy: string('What to do about it.'),
    facts: openObject('Every number, name and list of the sentence, as data. The keys depend on the code.'),
    confidence: enumOf(CONFIDENCES, {
      description: 'Whether the rule is documented by Azure, was observed, or is inferred.',
    }),
    source: string('Where the rule comes from.'),
  },
  { $id: 'Finding' },
)

export const HandoffSchema = Type.Object(
  {
    azureCli: nullable(Type.String(), {
      description: 'One command; null where the Azure CLI cannot express the target.',
    }),
    azureCliVersion: nullable(Type.String(), { description: 'The least version that the command needs.' }),
    arm: Type.Unsafe<JsonObject>({
      type: 'object',
      additionalProperties: true,
      description: "The part of the managed cluster's ARM body that the target decides.",
    }),
    bicep: string(),
    terraform: nullable(Type.String(), {
      description: 'For `azurerm_kubernetes_cluster`; null where the provider cannot express the target.',
    }),
    terraformAzapi: string(),
  },
  { $id: 'Handoff', description: 'The end state for whoever keeps the cluster in code.' },
)

export const TransitionSchema = Type.Object(
  {
    vnet: enumOf(VNET_KINDS),
    from: enumOf(TYPE_KEYS),
    to: enumOf(TYPE_KEYS),
    support: enumOf(SUPPORTS, {
      description: '`disputed`: the editions disagree; executed only when the caller acknowledges it.',
    }),
    editions: Type.Array(
      Type.Object({
        edition: string('The date of the published table.'),
        verdict: enumOf(['Supported', 'Not Supported', 'N/A', 'absent'], {
          description: '`absent`: the table lacks the row or the column.',
        }),
      }),
    ),
    reversible: Type.Boolean({ description: 'Whether the way back is supported, undisputed.' }),
    reason: string(),
  },
  { $id: 'Transition' },
)

/** Tied to the core's `PlanStatus` in test/routes/contract-types.test.ts. */
export const PLAN_STATUSES = [
  'applicable',
  'blocked',
  'noChange',
  'executed',
  'discarded',
  'expired',
  'stale',
] as const

export const AZURE_MODES = ['simulated', 'azure'] as const
