import { spokenLeaving } from '../../core/spoken-paths.ts'
import { MARKS } from '../document/marks.ts'
import { changesSomething, type ReportedPlan } from '../reported-plan.ts'
import { apiServerLines, type Group, groupsOf, type Side } from './groups.ts'
import { PANEL_WIDTH, panel } from './panel.ts'
import { picture } from './svg.ts'

/**
 * The egress path before and after the change as two SVG pictures for a page with the report's style: subnets and
 * pools, what carries their packets, the public addresses with their fate, and the API server. Equal groups of subnets
 * are drawn once and long lists are cut; each picture holds its content in words as well.
 */
export function egressDiagram(plan: ReportedPlan): Record<Side, string> {
  return { before: side(plan, 'before'), after: side(plan, 'after') }
}

function side(plan: ReportedPlan, name: Side): string {
  const title = name === 'before' ? 'Before' : changesSomething(plan) ? 'After' : 'After: nothing changes'
  const groups = groupsOf(plan, name)
  const apiServer = apiServerLines(plan, name)
  const { inside, height } = panel(title, groups, apiServer)
  const description = [...groups.map(groupInWords), `The API server: ${apiServer.join('; ')}.`].join(' ')
  return picture(`egress-${name}`, title, description, [PANEL_WIDTH, height], inside)
}

function groupInWords({ subnets, path, via, addresses }: Group): string {
  const seen = addresses.map(({ text, change }) =>
    change === null ? text : `${text} (${MARKS[change].word})`,
  )
  const by = via === null ? '' : ` ${via}`
  const as = path === 'none' ? '' : `, seen outside as ${seen.join(', ') || 'no known address'}`
  return `Packets of ${subnets.join(' and ')} ${spokenLeaving(path)}${by}${as}.`
}
