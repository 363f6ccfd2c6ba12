import { isLabelFilter, LABEL_NAME } from '../../contract/labels.ts'
import type { Fault } from '../../contract/problem.ts'
import { checkRules, isObject, type Rule, rulesOf } from './rules.ts'

const NAME =
  'the name of a label: at most 63 letters, digits, - _ or ., after an optional DNS prefix and a slash, such as example.com/team'

/** Names of labels that Kubernetes would not accept. */
export function labelErrors(body: unknown): Fault[] {
  if (!isObject(body) || !isObject(body.labels)) return []
  return Object.keys(body.labels)
    .filter((name) => !LABEL_NAME.test(name))
    .map((name) => ({
      in: 'body',
      pointer: `/labels/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`,
      code: 'FORMAT_INVALID',
      message: `It must be ${NAME}.`,
    }))
}

const LABEL_FILTER: Rule = rulesOf('FORMAT_INVALID')(
  '/label',
  `label must be ${NAME}, or a name and a value, such as team=payments.`,
  (label) => [label].flat().some((text) => typeof text === 'string' && !isLabelFilter(text)),
)

/** Checks of the filter `label` of a list. */
export function labelFilterErrors(query: unknown): Fault[] {
  return checkRules('query', [LABEL_FILTER], query)
}
