import type { ResourceChange } from '../plan.ts'
import type { PolicyCheck } from '../plan-preflight.ts'
import { idKey, nodeGroupId } from '../resource-id.ts'
import type {
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyFacts,
  PolicySetFacts,
} from '../rights-facts.ts'
import type { Snapshot } from '../snapshot.ts'
import { knownBuiltIn } from './built-in-policies.ts'
import type { FieldReader } from './policy-rule.ts'
import { appliesTo, exemptionsFrom } from './policy-scope.ts'
import { type Parameters, parametersOf } from './policy-values.ts'
import { type DefinitionVerdict, effectOf, verdictOf } from './policy-verdict.ts'
import { publicIpFields } from './public-ip-fields.ts'

/**
 * The policies in force on the node resource group that forbid, or may forbid, the public IPs that these changes
 * make there (LB1: "avoid policies that ban IP creation"). Those that certainly do not are left out.
 */
export function policyChecks(created: ResourceChange[], snapshot: Snapshot): PolicyCheck[] {
  const policies = snapshot.surroundings?.rights.policies
  if (policies === undefined || 'unread' in policies.assignments || created.length === 0) return []
  const readers = created.map((change) => publicIpFields(change, snapshot.cluster))
  const group = nodeGroupId(snapshot.cluster)
  return policies.assignments.facts
    .filter((assignment) => appliesTo(assignment, group))
    .flatMap((assignment) => checksOf(assignment, policies, readers, group, snapshot.takenAt))
}

interface Part {
  definition: string
  /** null for what is assigned by itself. */
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
  const known = 'facts' in policies.exemptions ? policies.exemptions.facts : null
  const exemptions = exemptionsFrom(assignment, known ?? [], group, at)
  const isExempt = ({ referenceId }: Part) =>
    exemptions.some(
      ({ referenceIds }) =>
        referenceIds.length === 0 ||
        referenceIds.some((id) => referenceId !== null && idKey(id) === idKey(referenceId)),
    )
  return partsOf(assignment, policies, readers)
    .filter((part) => part.verdict !== 'free' && !isExempt(part))
    .map((part) => checkOf(assignment, part, known !== null))
}

function checkOf(assignment: PolicyAssignmentFacts, part: Part, hasExemptions: boolean): PolicyCheck {
  const isCertain = part.verdict === 'denies' && !assignment.isSelective && hasExemptions
  const because = isCertain
    ? 'It denies what the plan makes.'
    : part.verdict === 'notDecided'
      ? 'Its definition could not be read, or has conditions that are not evaluated here.'
      : assignment.isSelective
        ? 'It would deny, and has overrides or selectors that are not evaluated here.'
        : 'It would deny, and exemptions from it could not be read.'
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
  if (initiative !== undefined)
    return 'unread' in initiative
      ? [{ definition: definitionId, referenceId: null, verdict: 'notDecided' }]
      : membersOf(initiative.facts, parametersOf(initiative.facts.defaults, parameters), policies, readers)
  const definition = definitionOf(definitionId, policies)
  const verdict =
    definition === undefined
      ? 'notDecided'
      : worst(definition, parametersOf(definition.defaults, parameters), readers)
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
    const inner = parametersOf(definition?.defaults ?? {}, parameters, outer)
    const verdict = definition === undefined ? unreadMember(inner) : worst(definition, inner, readers)
    return { definition: definitionId, referenceId, verdict }
  })
}

/** Built-in members are not read; nearly all are given their effect by the initiative, and that alone frees them. */
function unreadMember(parameters: Parameters): DefinitionVerdict {
  return effectOf("[parameters('effect')]", parameters) === 'lenient' ? 'free' : 'notDecided'
}

function definitionOf(id: string, policies: PolicyFacts): PolicyDefinitionFacts | undefined {
  const read = policies.definitions[idKey(id)]
  if (read !== undefined && 'facts' in read) return read.facts
  const custom = 'facts' in policies.customDefinitions ? policies.customDefinitions.facts : []
  return custom.find((each) => idKey(each.id) === idKey(id)) ?? knownBuiltIn(id)
}

function worst(
  definition: PolicyDefinitionFacts,
  parameters: Parameters,
  readers: FieldReader[],
): DefinitionVerdict {
  const verdicts = readers.map((field) => verdictOf(definition, parameters, field))
  if (verdicts.includes('denies')) return 'denies'
  return verdicts.includes('notDecided') ? 'notDecided' : 'free'
}
