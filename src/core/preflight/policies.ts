import type { Json } from '../../contract/json.ts'
import type { ResourceChange } from '../../contract/plan.ts'
import type { PolicyCheck } from '../../contract/preflight.ts'
import { regionKey } from '../arm/regions.ts'
import { idKey, nodeGroupId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import {
  factsOf,
  type PolicyAssignmentFacts,
  type PolicyDefinitionFacts,
  type PolicyExemptionFacts,
  type PolicyFacts,
  type PolicySetFacts,
} from '../snapshot/authorization-facts.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { scopeCovers } from './permissions.ts'
import {
  type DefinitionVerdict,
  effectOf,
  evaluateDefinition,
  type FieldReader,
  type Parameters,
  resolveParameters,
  UNKNOWN,
} from './policy-definition.ts'

/**
 * Built-in definitions that deny types, regions, or missing tags. They stand for members of an initiative, which are
 * not read. The conditions are simplified from the repository Azure/azure-policy (folders General and Tags, 2026-09).
 */
const BUILT_IN_DEFINITIONS: Record<string, { displayName: string; effect?: string; condition: Json }> = {
  '6c112d4e-5bc7-47ae-a041-ea2d9dccd749': {
    displayName: 'Not allowed resource types',
    effect: 'Deny',
    condition: { field: 'type', in: "[parameters('listOfResourceTypesNotAllowed')]" },
  },
  'a08ec900-254a-4555-9bf5-e42af04b5c5c': {
    displayName: 'Allowed resource types',
    condition: { field: 'type', notIn: "[parameters('listOfResourceTypesAllowed')]" },
  },
  'e56962a6-4747-49cd-b67b-bf8b01975c4c': {
    displayName: 'Allowed locations',
    condition: { field: 'location', notIn: "[parameters('listOfAllowedLocations')]" },
  },
  '871b6d14-10aa-478d-b590-94f262ecfa99': {
    displayName: 'Require a tag on resources',
    condition: { field: "[concat('tags[', parameters('tagName'), ']')]", exists: false },
  },
  '1e30110a-5ceb-460c-a204-c1c3969c6d62': {
    displayName: 'Require a tag and its value on resources',
    condition: {
      field: "[concat('tags[', parameters('tagName'), ']')]",
      notEquals: "[parameters('tagValue')]",
    },
  },
}

/** The built-in definition with this ID; undefined if it is not listed here. */
function builtInDefinition(definitionId: string): PolicyDefinitionFacts | undefined {
  const name = /^\/providers\/Microsoft\.Authorization\/policyDefinitions\/([^/]+)$/i.exec(definitionId)?.[1]
  const definition = BUILT_IN_DEFINITIONS[(name ?? '').toLowerCase()]
  if (definition === undefined) return undefined
  const { displayName, effect, condition } = definition
  return {
    id: definitionId,
    displayName,
    mode: 'Indexed',
    defaults: effect === undefined ? {} : { effect },
    condition,
    effect: effect === undefined ? 'deny' : "[parameters('effect')]",
  }
}

/** Whether an assignment applies to a resource group: enforced, at or above it, and not excluded there. */
export function appliesTo(assignment: PolicyAssignmentFacts, groupId: string): boolean {
  return (
    assignment.isEnforced &&
    scopeCovers(assignment.scope, groupId) &&
    !assignment.notScopes.some((scope) => scopeCovers(scope, groupId))
  )
}

/** The exemptions from an assignment that apply to a resource group at a time (RFC 3339). */
function exemptionsFrom(
  assignment: PolicyAssignmentFacts,
  exemptions: PolicyExemptionFacts[],
  groupId: string,
  at: string,
): PolicyExemptionFacts[] {
  return exemptions.filter(
    ({ assignmentId, scope, expiresOn }) =>
      idKey(assignmentId) === idKey(assignment.id) &&
      scopeCovers(scope, groupId) &&
      (expiresOn === null || Date.parse(expiresOn) > Date.parse(at)),
  )
}

/**
 * The fields of a public IP that AKS will create, as far as they are known: it is in the cluster's region, static, and
 * has the cluster's tags. It is unknown whether AKS or a policy adds tags (use-tags).
 */
function publicIpFields(change: ResourceChange, cluster: ClusterFacts): FieldReader {
  const planned = (path: string) => change.properties.find((property) => property.path === path)?.after
  const alias = RESOURCE_TYPES.publicIp.toLowerCase()
  const fields = new Map<string, ReturnType<FieldReader>>([
    ['type', RESOURCE_TYPES.publicIp],
    ['location', regionKey(cluster.location)],
    ['kind', null],
    ['identity.type', null],
    [`${alias}/sku.name`, planned('/sku/name')],
    [`${alias}/publicipaddressversion`, planned('/properties/publicIPAddressVersion')],
    [`${alias}/publicipallocationmethod`, 'Static'],
  ])
  return (name) => {
    const key = name.toLowerCase()
    const tag = tagOf(name)
    return tag === null ? fields.get(key) : tagValue(cluster, tag)
  }
}

/** `tags.name`, `tags['name']`, `tags[name]`. */
function tagOf(field: string): string | null {
  const match = /^tags(?:\.(.+)|\['(.+)'\]|\[(.+)\])$/i.exec(field)
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null)
}

function tagValue(cluster: ClusterFacts, tag: string): string | typeof UNKNOWN {
  const key = Object.keys(cluster.tags).find((name) => equalsArm(name, tag))
  return key === undefined ? UNKNOWN : cluster.tags[key]
}

/**
 * The policies on the node resource group that deny, or may deny, the public IPs that these changes create there
 * (load-balancer-standard: "avoid policies that ban IP creation").
 */
export function policyChecks(created: ResourceChange[], snapshot: Snapshot): PolicyCheck[] {
  const policies = snapshot.surroundings?.authorization.policies
  if (policies === undefined || 'unread' in policies.assignments || created.length === 0) return []
  const readers = created.map((change) => publicIpFields(change, snapshot.cluster))
  const group = nodeGroupId(snapshot.cluster)
  return policies.assignments.facts
    .filter((assignment) => appliesTo(assignment, group))
    .flatMap((assignment) => checksOf(assignment, policies, readers, group, snapshot.takenAt))
}

interface Part {
  definition: string
  /** null for a definition that is assigned directly. */
  referenceId: string | null
  verdict: DefinitionVerdict
}

function checksOf(
  assignment: PolicyAssignmentFacts,
  policies: PolicyFacts,
  readers: FieldReader[],
  group: string,
  at: string,
): PolicyCheck[] {
  const read = factsOf(policies.exemptions)
  const exemptions = exemptionsFrom(assignment, read ?? [], group, at)
  const isExempt = ({ referenceId }: Part) =>
    exemptions.some(
      ({ referenceIds }) =>
        referenceIds.length === 0 ||
        referenceIds.some((id) => referenceId !== null && idKey(id) === idKey(referenceId)),
    )
  return partsOf(assignment, policies, readers)
    .filter((part) => part.verdict !== 'free' && !isExempt(part))
    .map((part) => checkOf(assignment, part, read !== null))
}

function checkOf(assignment: PolicyAssignmentFacts, part: Part, hasExemptions: boolean): PolicyCheck {
  const isCertain = part.verdict === 'denies' && !assignment.isSelective && hasExemptions
  const because = isCertain
    ? 'The policy denies the public IPs that the plan creates.'
    : part.verdict === 'notDecided'
      ? 'The definition could not be read, or it has conditions that this service does not evaluate.'
      : assignment.isSelective
        ? 'The policy denies the public IPs, but it has overrides or selectors that this service does not evaluate.'
        : 'The policy denies the public IPs, but its exemptions could not be read.'
  return {
    assignment: assignment.id,
    name: assignment.displayName,
    scope: assignment.scope,
    definition: part.definition,
    verdict: isCertain ? 'denies' : 'notDecided',
    because,
  }
}

function partsOf(assignment: PolicyAssignmentFacts, policies: PolicyFacts, readers: FieldReader[]): Part[] {
  const { definitionId, parameters } = assignment
  const initiative = policies.initiatives[idKey(definitionId)]
  if (initiative !== undefined && 'facts' in initiative) {
    const { facts } = initiative
    return membersOf(facts, resolveParameters(facts.defaults, parameters), policies, readers)
  }
  const definition = initiative === undefined ? definitionOf(definitionId, policies) : undefined
  const verdict =
    definition === undefined
      ? 'notDecided'
      : worst(definition, resolveParameters(definition.defaults, parameters), readers)
  return [{ definition: definitionId, referenceId: null, verdict }]
}

function membersOf(
  initiative: PolicySetFacts,
  outer: Parameters,
  policies: PolicyFacts,
  readers: FieldReader[],
): Part[] {
  return initiative.members.map(({ definitionId, referenceId, parameters }) => {
    const definition = definitionOf(definitionId, policies)
    const inner = resolveParameters(definition?.defaults ?? {}, parameters, outer)
    const verdict = definition === undefined ? unreadMember(inner) : worst(definition, inner, readers)
    return { definition: definitionId, referenceId, verdict }
  })
}

/** Built-in members are not read. Most get their effect from the initiative, and a lenient effect is sufficient. */
function unreadMember(parameters: Parameters): DefinitionVerdict {
  return effectOf("[parameters('effect')]", parameters) === 'lenient' ? 'free' : 'notDecided'
}

function definitionOf(id: string, policies: PolicyFacts): PolicyDefinitionFacts | undefined {
  const custom = factsOf(policies.customDefinitions) ?? []
  return (
    factsOf(policies.definitions[idKey(id)]) ??
    custom.find((definition) => idKey(definition.id) === idKey(id)) ??
    builtInDefinition(id)
  )
}

function worst(
  definition: PolicyDefinitionFacts,
  parameters: Parameters,
  readers: FieldReader[],
): DefinitionVerdict {
  const verdicts = readers.map((field) => evaluateDefinition(definition, parameters, field))
  if (verdicts.includes('denies')) return 'denies'
  return verdicts.includes('notDecided') ? 'notDecided' : 'free'
}
