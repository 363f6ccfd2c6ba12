import { Type } from 'typebox'
import { anyJson, armBody, enumOf, nullable, ref, string, strings } from './fields.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * What a plan changes in a managed cluster's body, as data. A write is made from a fresh GET plus these
 * changes and nothing else. Paths are JSON pointers into the body as ARM shows it.
 */
export type FieldChange =
  | { op: 'set'; path: string; value: Json }
  | { op: 'remove'; path: string }
  /** Adds each CIDR that no entry of the list covers already; never takes one away (rulebook AUTHORIZED_REPLACE_SEMANTICS). */
  | { op: 'unionCidrs'; path: string; cidrs: string[] }
  /** As `unionCidrs`, with the addresses of resources that earlier steps of the job have made, by their ids. */
  | { op: 'unionAddressesOf'; path: string; resourceIds: string[] }
  /** Takes entries out that are exactly these: what a widening has added, and only to undo it. */
  | { op: 'subtractCidrs'; path: string; cidrs: string[] }
  | { op: 'subtractAddressesOf'; path: string; resourceIds: string[] }
  /** As `unionCidrs`, with the egress addresses that the job found after the switch. */
  | { op: 'unionDiscoveredEgress'; path: string }

const STEP_KEYS = [
  'check-freshness',
  'widen-authorized-ranges',
  'await-range-propagation',
  'change-outbound-type',
  'verify',
  'discover-egress-ips',
  'authorize-discovered-ips',
] as const
/** Steps that a plan has as often as it has resources to make or alter carry their own names behind a prefix. */
export type StepKey =
  | (typeof STEP_KEYS)[number]
  | `prepare-${string}`
  | `undo-${string}`
  | `clean-up-${string}`
  | `upgrade-node-image-${string}`

/** What every key looks like, as a regular expression. */
const STEP_KEY_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'

export interface Step {
  key: StepKey
  title: string
  /** Keys of the steps that must have succeeded before. */
  requires: StepKey[]
  does: StepAction
  expects: Expectation[]
  /** How to undo it in words, or why it cannot be undone. */
  undo: string
  /** The same for machines: writes that bring the former body back; empty where there is nothing to undo or no way. */
  undoes: StepAction[]
}

export type StepAction =
  /** Reads the cluster again and compares it with the plan's basis. */
  | { kind: 'checkFreshness' }
  /** One PUT of the managed cluster: a fresh GET plus these changes, on this ARM API version. */
  | { kind: 'updateCluster'; apiVersion: string; changes: FieldChange[] }
  /**
   * One PUT of one network resource: a new one (`body`; it must not exist yet), or a fresh GET with `changes`,
   * sent only while the fields that change are as in `former`.
   */
  | {
      kind: 'putResource'
      id: string
      apiVersion: string
      body: JsonObject | null
      changes: FieldChange[]
      former: FieldChange[]
    }
  /** One DELETE of a network resource; one that is gone already is done. */
  | { kind: 'deleteResource'; id: string; apiVersion: string }
  /** One POST of `upgradeNodeImageVersion` of an agent pool, whose nodes are then replaced one after the other. */
  | { kind: 'upgradeNodeImage'; id: string; apiVersion: string }
  /** Time that Azure needs before the step before it is in force. */
  | { kind: 'wait'; seconds: number }
  /** Reads the cluster and checks `expects`; changes nothing. */
  | { kind: 'readBack' }
  /** Reads the egress addresses that the cluster has now. */
  | { kind: 'discoverEgressIps' }

/** What the cluster's body must show afterwards; paths are JSON pointers, text is compared without case. */
export type Expectation =
  | { path: string; equals: Json }
  | { path: string; absent: true }
  /** `lacksCidrs`: no entry is one of these any more; a wider one that contains them is another matter. */
  | { path: string; coversCidrs: string[]; lacksCidrs?: string[] }
  | { path: string; coversDiscoveredEgress: true }
  /** The addresses of resources that earlier steps of the same job have made. */
  | { path: string; coversAddressesOf: string[] }

/** A plan has some steps once, and others as often as it has resources to make or alter. */
export function stepKey(description?: string) {
  const known = `One of ${STEP_KEYS.join(', ')}, or prepare-, clean-up-, upgrade-node-image- or undo- with a name of its own.`
  return Type.Unsafe<StepKey>({
    type: 'string',
    pattern: STEP_KEY_PATTERN,
    description: description === undefined ? known : `${description} ${known}`,
  })
}

export const FieldChangeSchema = Type.Union(
  [
    Type.Object({ op: enumOf(['set']), path: string(), value: anyJson('The value to write.') }),
    Type.Object({ op: enumOf(['remove']), path: string() }),
    Type.Object({ op: enumOf(['unionCidrs', 'subtractCidrs']), path: string(), cidrs: strings() }),
    Type.Object({ op: enumOf(['unionDiscoveredEgress']), path: string() }),
    Type.Object({
      op: enumOf(['unionAddressesOf', 'subtractAddressesOf']),
      path: string(),
      resourceIds: strings(),
    }),
  ],
  { $id: 'FieldChange' },
)

export const StepActionSchema = Type.Union(
  [
    Type.Object({ kind: enumOf(['checkFreshness']) }),
    Type.Object({
      kind: enumOf(['updateCluster']),
      apiVersion: string('The ARM API version of the write.'),
      changes: Type.Array(ref(FieldChangeSchema)),
    }),
    Type.Object({
      kind: enumOf(['putResource']),
      id: string('The ARM id of a network resource.'),
      apiVersion: string('The ARM API version of the write.'),
      body: nullable(armBody('The body of a resource that must not exist yet.'), {
        description: 'Null where a resource is altered.',
      }),
      changes: Type.Array(ref(FieldChangeSchema)),
      former: Type.Array(ref(FieldChangeSchema), {
        description: 'What the altered fields have to show before, and show again when the step is undone.',
      }),
    }),
    Type.Object({
      kind: enumOf(['upgradeNodeImage']),
      id: string('The ARM id of the agent pool.'),
      apiVersion: string(),
    }),
    Type.Object({ kind: enumOf(['deleteResource']), id: string(), apiVersion: string() }),
    Type.Object({ kind: enumOf(['wait']), seconds: Type.Number() }),
    Type.Object({ kind: enumOf(['readBack']) }),
    Type.Object({ kind: enumOf(['discoverEgressIps']) }),
  ],
  { $id: 'StepAction' },
)

const ExpectationSchema = Type.Union([
  Type.Object({ path: string(), equals: anyJson('The value that the cluster must show.') }),
  Type.Object({ path: string(), absent: Type.Literal(true) }),
  Type.Object({
    path: string(),
    coversCidrs: strings(),
    lacksCidrs: Type.Optional(strings('Entries that the list must not hold any more.')),
  }),
  Type.Object({ path: string(), coversDiscoveredEgress: Type.Literal(true) }),
  Type.Object({ path: string(), coversAddressesOf: strings() }),
])

export const StepSchema = Type.Object(
  {
    key: stepKey(),
    title: string(),
    requires: Type.Array(stepKey(), { description: 'Steps that must have succeeded before.' }),
    does: ref(StepActionSchema),
    expects: Type.Array(ExpectationSchema, { description: 'What the cluster must show afterwards.' }),
    undo: string('How to undo it, or why it cannot be undone.'),
    undoes: Type.Array(ref(StepActionSchema), {
      description: 'The same for machines; empty where there is nothing to undo, or no way.',
    }),
  },
  { $id: 'Step' },
)
