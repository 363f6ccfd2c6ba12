import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'
import { anyJson, armBody } from './json.ts'

const STEP_KEYS = [
  'check-freshness',
  'widen-authorized-ranges',
  'await-range-propagation',
  'change-outbound-type',
  'verify',
  'discover-egress-ips',
  'authorize-discovered-ips',
] as const

/** Steps that exist once for each resource have the name of the resource behind a prefix. */
export type StepKey =
  | (typeof STEP_KEYS)[number]
  | `prepare-${string}`
  | `undo-${string}`
  | `clean-up-${string}`
  | `upgrade-node-image-${string}`

/** The form of every key. */
const STEP_KEY_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'

export function stepKey(description?: string) {
  const known = `One of ${STEP_KEYS.join(', ')}, or prepare-, clean-up-, upgrade-node-image- or undo- with a name of its own.`
  return Type.Unsafe<StepKey>({
    type: 'string',
    pattern: STEP_KEY_PATTERN,
    description: description === undefined ? known : `${description} ${known}`,
  })
}

/**
 * A change of a resource's body, as data. A write consists of a fresh GET plus these changes and nothing else. Paths are
 * JSON pointers into the body as ARM shows it.
 */
export const FieldChangeSchema = Type.Union(
  [
    Type.Object({ op: enumOf(['set']), path: string(), value: anyJson('The value to write.') }),
    Type.Object({ op: enumOf(['remove']), path: string() }),
    // The union adds each CIDR that no entry of the list covers, and removes none: a PUT replaces the whole list. The
    // difference removes exactly these entries, only to revert a union.
    Type.Object({ op: enumOf(['unionCidrs', 'subtractCidrs']), path: string(), cidrs: strings() }),
    // With the egress addresses that the job discovered after the change of the outbound type.
    Type.Object({ op: enumOf(['unionDiscoveredEgress']), path: string() }),
    // With the addresses of resources that earlier steps of the job created.
    Type.Object({
      op: enumOf(['unionAddressesOf', 'subtractAddressesOf']),
      path: string(),
      resourceIds: strings(),
    }),
  ],
  { $id: 'FieldChange' },
)
export type FieldChange = Static<typeof FieldChangeSchema>

/** One call to ARM, a wait, or a check. */
export const StepActionSchema = Type.Union(
  [
    // Reads the cluster again and compares it with the basis of the plan.
    Type.Object({ kind: enumOf(['checkFreshness']) }),
    // One PUT of the managed cluster.
    Type.Object({
      kind: enumOf(['updateCluster']),
      apiVersion: string('The ARM API version of the write.'),
      changes: Type.Array(ref(FieldChangeSchema)),
    }),
    // One PUT of a network resource: a new one (`body`), or an existing one with `changes`, sent only while the fields to
    // change are as in `former`.
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
    // One POST of `upgradeNodeImageVersion`. AKS then replaces the nodes of the pool one after the other.
    Type.Object({
      kind: enumOf(['upgradeNodeImage']),
      id: string('The ARM id of the agent pool.'),
      apiVersion: string(),
    }),
    // One DELETE of a network resource; a resource that is already gone counts as deleted.
    Type.Object({ kind: enumOf(['deleteResource']), id: string(), apiVersion: string() }),
    // Time until the previous step is in force.
    Type.Object({ kind: enumOf(['wait']), seconds: Type.Number() }),
    // Reads the cluster and checks `expects`; changes nothing.
    Type.Object({ kind: enumOf(['readBack']) }),
    Type.Object({ kind: enumOf(['discoverEgressIps']) }),
  ],
  { $id: 'StepAction' },
)
export type StepAction = Static<typeof StepActionSchema>

/** What the body must show after the step. Paths are JSON pointers; text is compared without case. */
const ExpectationSchema = Type.Union([
  Type.Object({ path: string(), equals: anyJson('The value that the cluster must show.') }),
  Type.Object({ path: string(), absent: Type.Literal(true) }),
  Type.Object({
    path: string(),
    coversCidrs: strings(),
    // A wider entry that contains one of these is not a violation.
    lacksCidrs: Type.Optional(strings('Entries that the list must not hold any more.')),
  }),
  Type.Object({ path: string(), coversDiscoveredEgress: Type.Literal(true) }),
  Type.Object({ path: string(), coversAddressesOf: strings() }),
])
export type Expectation = Static<typeof ExpectationSchema>

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
export type Step = Static<typeof StepSchema>
