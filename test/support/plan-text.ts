import type { EgressIpChange, PathSide } from '../../src/contract/egress.ts'
import type { Plan } from '../../src/contract/plan.ts'
import { lastSegment } from '../../src/core/arm/resource-id.ts'

/** A plan as text that a person can read and compare line by line: everything that decides, nothing of ids and times. */
export function planText(plan: Plan): string {
  const { transition, from, rollback, snat, disruption, authorizedRanges: ranges } = plan
  return [
    `## ${transition.to}`,
    `${plan.status}: ${from.outboundType} (packets: ${from.effective}) to ${transition.to}, ${transition.support}`,
    ...section(
      'findings',
      plan.findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`),
    ),
    ...section(
      'paths',
      plan.paths.map(
        ({ subnetId, pools, before, after }) =>
          `${lastSegment(subnetId)} [${pools.join(', ')}]: ${sideText(before)} -> ${sideText(after)}`,
      ),
    ),
    ...section('addresses', plan.egressIps.map(addressText)),
    ...section('ranges', ranges.mode === 'off' ? [] : [rangesText(plan)]),
    ...section('resources', plan.resourceChanges.map(changeText)),
    ...section(
      'steps',
      plan.steps.map(({ key, title }) => `${key}: ${title}`),
    ),
    ...(plan.steps.length === 0 ? [] : [`cutover: ${plan.cutOver.step ?? 'none'}: ${plan.cutOver.because}`]),
    `ports for a node: ${snat.before.portsPerNode ?? '?'} -> ${snat.after.portsPerNode ?? '?'}; idle minutes: ${disruption.idleTimeoutInMinutes.before ?? '?'} -> ${disruption.idleTimeoutInMinutes.after ?? '?'}`,
    `rollback: ${rollbackText(rollback)}`,
    '',
  ].join('\n')
}

function section(name: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `- ${line}`)]
}

function sideText({ path, via, addresses, toCome, isComplete }: PathSide): string {
  const known = addresses.length === 0 ? [] : [addresses.join(' ')]
  const later = toCome === 0 ? [] : [`${toCome} to come`]
  const open = isComplete ? [] : ['and what nobody knows']
  const all = [...known, ...later, ...open].join(', ')
  return `${path}${via === null ? '' : ` by ${lastSegment(via)}`}${all === '' ? '' : ` (${all})`}`
}

function addressText({ change, address, knownAt, recoverable, resourceId }: EgressIpChange): string {
  const what =
    address ??
    (resourceId === null ? `known at ${knownAt}` : `${lastSegment(resourceId)}, known at ${knownAt}`)
  return `${change} ${what}${change === 'lost' && !recoverable ? ', for good' : ''}`
}

function rangesText({
  authorizedRanges: { mode, current, add, addPrepared, removeLater, missing },
}: Plan): string {
  const part = (name: string, list: string[]) => (list.length === 0 ? [] : [`${name} ${list.join(' ')}`])
  return [
    mode,
    ...part('now', current),
    ...part('add', add),
    ...part('add the addresses of', addPrepared.map(lastSegment)),
    ...(add.length === 0 ? part('missing', missing) : []),
    ...part('later without', removeLater),
  ].join('; ')
}

function changeText({
  action,
  type,
  name,
  count,
  owner,
  confidence,
}: Plan['resourceChanges'][number]): string {
  const what = name ?? (count > 1 ? `${count} of them` : 'a new one')
  return `${action} ${type.split('/').slice(1).join('/')} ${what} (${owner}, ${confidence})`
}

function rollbackText({ supported, support, lost, routes, plan }: Plan['rollback']): string {
  if (support === null) return 'nothing to roll back'
  const how = supported ? 'yes' : support === 'disputed' ? 'disputed' : 'no'
  const over = routes.length === 0 ? '' : `; over ${routes.map((each) => each.join(' > ')).join(' or ')}`
  const today =
    plan === null
      ? ''
      : `; a rollback plan would be ${plan.status}${plan.blockers.length === 0 ? '' : ` (${plan.blockers.join(', ')})`}`
  return `${how}${over}${today}${lost.length === 0 ? '' : `; lost: ${lost.join(' ')}`}`
}
