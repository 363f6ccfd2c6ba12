import type { ComparedTarget } from '../../contract/comparison.ts'
import { pathLabel } from '../../core/egress/path-labels.ts'
import { formatted } from '../../core/lib/text.ts'
import {
  type Block,
  codeList,
  type Inline,
  joinTexts,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
} from '../document/document.ts'
import type { MarkName } from '../document/labels.ts'
import { TOOL_LABELS, ZONE_LABELS } from '../document/labels.ts'
import { costSummary } from '../sections/cost.ts'

type Fact = [name: string, value: Text]

/** Whether a plan to the target can be executed, if necessary with a preparation. */
export function isExecutable({ verdict, prepare }: ComparedTarget): boolean {
  return verdict === 'applicable' || (verdict === 'blocked' && prepare?.verdict === 'applicable')
}

/** The verdict of a target in a few words. */
export function targetMark(row: ComparedTarget): { mark: MarkName; word?: string } {
  const { verdict, support, acknowledgements } = row
  if (verdict === 'noChange') return { mark: 'noChange', word: 'Current outbound type' }
  if (support === 'unsupported') return { mark: 'blocked', word: 'Not supported' }
  if (!isExecutable(row)) return { mark: 'blocked' }
  const codes = new Set(acknowledgements.map(({ code }) => code)).size
  const required = [
    ...(verdict === 'blocked' ? ['a preparation'] : []),
    ...(codes === 0 ? [] : [pluralize(codes, 'acknowledgement')]),
  ]
  return required.length === 0
    ? { mark: 'ready' }
    : { mark: 'acknowledgeFirst', word: `Ready; requires ${required.join(' and ')}` }
}

/** What a plan to one target would change, on one card. */
export function targetCard(row: ComparedTarget): Section {
  return {
    id: `target-${row.target}`,
    title: `${row.rank}. ${row.target}`,
    shortTitle: row.target,
    blocks: [
      {
        kind: 'part',
        title: [targetMark(row)],
        blocks: [paragraph(...prose(row.why)), ...preparationOf(row)],
      },
      { kind: 'facts', facts: factsOf(row) },
      ...findingFolds(row),
    ],
  }
}

function preparationOf({ prepare }: ComparedTarget): Block[] {
  if (prepare === null) return []
  const { request, resolves, blockers, verdict } = prepare
  return [
    paragraph(
      { strong: 'Preparation:' },
      ' a plan with ',
      { code: `"prepare": ${JSON.stringify(request)}` },
      ' resolves ',
      ...findingList(resolves),
      verdict === 'blocked' ? ', but it remains blocked by ' : '. ',
      ...(verdict === 'blocked' ? [...findingList(blockers), '. '] : []),
      'The facts below describe the plan with this preparation.',
    ),
  ]
}

function factsOf(row: ComparedTarget): Fact[] {
  const { disruption, zones, snat, cost, costUnknownBecause, rollback } = row
  return [
    ['Egress addresses', addressesOf(row)],
    ['Disruption', disruptionOf(disruption)],
    ['Zones', changeOf(ZONE_LABELS[zones.before.kind], ZONE_LABELS[zones.after.kind], zones.after.because)],
    ['SNAT ports per node', changeOf(portsOf(snat.before), portsOf(snat.after), snat.after.rule)],
    ...costOf(cost, costUnknownBecause),
    ['Rollback', rollbackOf(rollback)],
    ['Infrastructure as code', toolsOf(row)],
  ]
}

function costOf(cost: ComparedTarget['cost'], because = ''): Fact[] {
  const text = cost === undefined ? because : costSummary(cost)
  return text === '' ? [] : [['Estimated cost', prose(text)]]
}

function addressesOf({ addresses }: ComparedTarget): Text {
  const { kept, lost, unrecoverable, added, addedLater, unknown, isComplete } = addresses
  const permanently =
    unrecoverable.length === 0
      ? ''
      : unrecoverable.length === lost.length
        ? ' permanently'
        : `, ${unrecoverable.length} of them permanently`
  const group = (mark: MarkName, list: string[], note = ''): Inline[][] =>
    list.length === 0 ? [] : [[{ mark }, ' ', ...codeList(list), note]]
  const groups = [
    ...group('lost', lost, permanently),
    ...group('added', added),
    ...(addedLater === 0 ? [] : [[{ mark: 'added' as const }, ` ${addedLater}, unknown at plan time`]]),
    ...group('kept', kept),
    ...group('unknown', unknown),
    ...(isComplete === false
      ? [[{ mark: 'unknown' as const }, ' further addresses that are not visible in Azure Resource Manager']]
      : []),
  ]
  return groups.length === 0 ? 'None are known before or after the change.' : joinTexts(groups, '; ')
}

function disruptionOf({ existingConnections, downtime, newPath }: ComparedTarget['disruption']): Text {
  const fallback =
    existingConnections === 'dropped' ? 'Open connections are dropped.' : 'Open connections are not affected.'
  return prose([downtime ?? fallback, newPath].filter((text) => text !== undefined).join(' '))
}

/** `One zone, before and after. Each Standard NAT gateway is in one zone.` */
function changeOf(before: string, after: string, because: string): Text {
  const change = before === after ? `${after}, before and after` : `${before} before, ${after} after`
  return [`${change.charAt(0).toUpperCase()}${change.slice(1)}. `, ...prose(because)]
}

function portsOf({ path, portsPerNode }: ComparedTarget['snat']['before']): string {
  const ports = portsPerNode === null ? 'unknown' : formatted(portsPerNode)
  return `${ports} through ${pathLabel(path)}`
}

function rollbackOf({ supported, lost, blockers }: ComparedTarget['rollback']): Text {
  if (!supported) return 'Not available.'
  const limits = lost.flatMap((text) => [' ', ...prose(text)])
  return blockers.length === 0
    ? [lost.length === 0 ? 'Available. The rollback restores everything.' : 'Available.', ...limits]
    : ['Blocked by ', ...findingList(blockers), '.', ...limits]
}

/** The tools that can express the target, those that cannot, and the number of warnings. */
function toolsOf({ infrastructureAsCode: tools }: ComparedTarget): Text {
  if (tools.length === 0) return 'Not available: only an executable plan contains code for these tools.'
  const named = (canExpress: boolean) =>
    tools.filter((tool) => tool.canExpress === canExpress).map(({ tool }) => TOOL_LABELS[tool])
  const [able, unable] = [named(true), named(false)]
  return [
    ...(able.length === 0 ? [] : [`These tools can express the target: ${able.join('; ')}. `]),
    ...(unable.length === 0 ? [] : [`These tools cannot express the target: ${unable.join('; ')}. `]),
    ...(tools.some(({ warning }) => warning !== null) ? ['See the warnings about the tools below.'] : []),
  ]
}

/** Everything that a reader checks after the facts, folded. */
function findingFolds(row: ComparedTarget): Block[] {
  const warnings = row.infrastructureAsCode.flatMap(({ tool, warning }): Inline[][] =>
    warning === null ? [] : [[{ strong: `${TOOL_LABELS[tool]}:` }, ' ', ...prose(warning)]],
  )
  return [
    ...foldOf('blocker', 'blocker', row.blockers),
    ...foldOf('acknowledge', 'acknowledgement', row.acknowledgements),
    ...(warnings.length === 0
      ? []
      : [
          {
            kind: 'fold' as const,
            title: [
              pluralize(
                warnings.length,
                'warning about infrastructure as code',
                'warnings about infrastructure as code',
              ),
            ],
            blocks: [{ kind: 'list' as const, isOrdered: false, items: warnings }],
          },
        ]),
  ]
}

function foldOf(
  mark: 'blocker' | 'acknowledge',
  noun: string,
  findings: ComparedTarget['blockers'],
): Block[] {
  if (findings.length === 0) return []
  return [
    {
      kind: 'fold',
      title: [{ mark, word: pluralize(findings.length, noun) }],
      blocks: findings.map(({ code, message, remedy }) => ({
        kind: 'part',
        title: [{ finding: code }],
        blocks: [paragraph(...prose(message)), paragraph({ strong: 'What to do:' }, ' ', ...prose(remedy))],
      })),
    },
  ]
}

function findingList(codes: string[]): Inline[] {
  return joinTexts(
    codes.map((finding) => [{ finding }]),
    ', ',
  )
}
