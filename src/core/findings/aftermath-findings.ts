import { entry, listed } from './entry.ts'

/** What is left to do, to pay, to keep and to ask. Source: rulebook 4, 11, and every rule that ARM cannot show. */
export const AFTERMATH_FINDINGS = {
  LEFTOVER_COST: entry<{ resources: string[] }>({
    severity: 'info',
    message: (f) =>
      `These stay after the change and go on costing: ${listed(f.resources.map((id) => id.split('/').at(-1) ?? id))}.`,
    remedy: () => 'Delete them when the way back is no longer wanted and nothing else uses them.',
    confidence: 'inferred',
    source: 'EO',
  }),
  ROLLBACK_NEW_IPS: entry<{ from: string }>({
    severity: 'warning',
    message: (f) =>
      `A way back to ${f.from} brings new addresses, not the present ones: allow-lists that are right today would not help after it.`,
    remedy: () => 'Use addresses of your own on both sides where the way back has to be quick.',
    confidence: 'inferred',
    source: 'AKS release notes 2023-07-30; EO',
  }),
  ROLLBACK_KEEP_PREPARATION: entry<{ from: string }>({
    severity: 'info',
    message: (f) => `The way back to ${f.from} needs what is prepared for it now.`,
    remedy: () =>
      'Keep the NAT gateway, or the route and its appliance, and the old entries in allow-lists until the new egress has proved itself.',
    confidence: 'inferred',
    source: 'EO; concluded by this service',
  }),
  ASK_BEFOREHAND: entry<{ questions: { rule: string; question: string }[] }>({
    severity: 'info',
    message: (f) =>
      `ARM does not show everything that decides here: ${f.questions.length} question${f.questions.length === 1 ? ' is' : 's are'} left to ask, in the facts of this finding.`,
    remedy: (f) => `${f.questions.map((each) => each.question).join(' ')} Go on when each has its answer.`,
    confidence: 'documented',
    source: 'the rules named beside each question',
  }),
}
