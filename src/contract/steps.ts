import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'
import { anyJson, armBody } from './json.ts'

const STEP_KEYS = [
  'check-freshness',
  'probe-nodes-before',
  'widen-authorized-ranges',
  'await-range-propagation',
  'change-outbound-type',
  'reconcile-cluster',
  'verify',
  'discover-egress-ips',
  'authorize-discovered-ips',
  'probe-nodes-after',
] as const

/** A step that exists once for each resource has a prefix, followed by the name of the resource. */
export type StepKey =
  | (typeof STEP_KEYS)[number]
  | `prepare-${string}`
  | `undo-${string}`
  | `clean-up-${string}`
  | `upgrade-node-image-${string}`

/** The form of every key. */
const STEP_KEY_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'

export function stepKey(description?: string) {
  const keys = STEP_KEYS.map((key) => `\`${key}\``).join(', ')
  const known = `One of ${keys}. Steps per resource have a prefix followed by a name: \`prepare-\`, \`clean-up-\`, \`upgrade-node-image-\` or \`undo-\`.`
  return Type.Unsafe<StepKey>({
    type: 'string',
    pattern: STEP_KEY_PATTERN,
    description: description === undefined ? known : `${description} ${known}`,
  })
}

/**
 * A change of the body of a resource, as data. A write consists of a new GET plus these changes and nothing else. Paths are
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
      id: string('The ARM ID of a network resource.'),
      apiVersion: string('The ARM API version of the write.'),
      body: nullable(armBody('The body of a resource that must not exist yet.'), {
        description: 'The body of a new resource. Null if the step changes an existing resource.',
      }),
      changes: Type.Array(ref(FieldChangeSchema)),
      former: Type.Array(ref(FieldChangeSchema), {
        description:
          'The required values of the changed fields before the write. Undoing the step restores them.',
      }),
    }),
    // One POST of `upgradeNodeImageVersion`. AKS then replaces the nodes of the pool one after the other.
    Type.Object({
      kind: enumOf(['upgradeNodeImage']),
      id: string('The ARM ID of the agent pool.'),
      apiVersion: string(),
    }),
    // One DELETE of a network resource; a resource that is already gone counts as deleted.
    Type.Object({ kind: enumOf(['deleteResource']), id: string(), apiVersion: string() }),
    // Waits until the previous step takes effect.
    Type.Object({ kind: enumOf(['wait']), seconds: Type.Number() }),
    // Reads the cluster and checks `expects`; changes nothing.
    Type.Object({ kind: enumOf(['readBack']) }),
    Type.Object({ kind: enumOf(['discoverEgressIps']) }),
    // Measures by run-command on nodes, before the cutover, or after it and compared with before.
    Type.Object({
      kind: enumOf(['probeNodes']),
      when: enumOf(['before', 'after']),
      endpoints: strings(),
      sourceAddressUrl: nullable(Type.String()),
      maxNodes: Type.Integer(),
      baselineJobId: Type.Optional(
        string(
          'The job that a rollback plan reverts. The new measurement is compared with the measurement of that job before its cutover.',
        ),
      ),
    }),
  ],
  { $id: 'StepAction' },
)
export type StepAction = Static<typeof StepActionSchema>

/** The required content of the body after the step. Paths are JSON pointers; strings are compared without case. */
const ExpectationSchema = Type.Union([
  Type.Object({ path: string(), equals: anyJson('The required value.') }),
  Type.Object({ path: string(), absent: Type.Literal(true) }),
  Type.Object({
    path: string(),
    coversCidrs: strings(),
    // A wider entry that contains one of these is not a violation.
    lacksCidrs: Type.Optional(strings('Entries that the list must not contain.')),
  }),
  Type.Object({ path: string(), coversDiscoveredEgress: Type.Literal(true) }),
  Type.Object({ path: string(), coversAddressesOf: strings() }),
])
export type Expectation = Static<typeof ExpectationSchema>

export const StepSchema = Type.Object(
  {
    key: stepKey(),
    title: string(),
    requires: Type.Array(stepKey(), { description: 'Steps that must succeed before this step.' }),
    does: ref(StepActionSchema),
    expects: Type.Array(ExpectationSchema, {
      description: 'The required state of the cluster after the step.',
    }),
    undo: string('How to undo the step, or the reason why it is irreversible.'),
    undoes: Type.Array(ref(StepActionSchema), {
      description:
        'The actions that undo the step. Empty if there is nothing to undo, or if the step is irreversible.',
    }),
  },
  { $id: 'Step' },
)
export type Step = Static<typeof StepSchema>
