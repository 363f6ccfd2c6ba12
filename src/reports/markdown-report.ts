import { escapeMarkdown } from './document/escape-markdown.ts'
import { sectionToMarkdown, textToMarkdown } from './document/to-markdown.ts'
import { type ReportedPlan, titleOf } from './reported-plan.ts'
import { sectionsOf } from './sections/all-sections.ts'
import { verdictOf } from './verdict.ts'

/**
 * A plan as GitHub-flavoured Markdown, for a change ticket or a chat: the verdict first, and every table as one
 * that renders there. Pure; whatever comes from outside is escaped.
 */
export function markdownReport(plan: ReportedPlan): string {
  const { mark, sentence } = verdictOf(plan)
  const simulated =
    plan.azure === 'simulated'
      ? ['> **Simulated Azure.** No real cluster was read, and none of these addresses is real.']
      : []
  return `${[
    `# ${escapeMarkdown(titleOf(plan))}`,
    ...simulated,
    `**${textToMarkdown([{ mark }])}.** ${escapeMarkdown(sentence)}`,
    ...sectionsOf(plan).map(sectionToMarkdown),
  ].join('\n\n')}\n`
}
