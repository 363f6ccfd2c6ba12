import { Type } from 'typebox'

export const MAX_LABELS = 20

/** As for a label of Kubernetes: a name of at most 63 characters, after an optional DNS prefix and a slash. */
export const LABEL_NAME =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$'

/** Labels of a plan or a job. `name=value` pairs, chosen by the caller. */
export type Labels = Record<string, string>

/** Names are checked by a rule, because a schema reports an invalid name as an unknown field. */
export function labelsOf(description: string) {
  return Type.Unsafe<Labels>({
    type: 'object',
    maxProperties: MAX_LABELS,
    additionalProperties: {
      type: 'string',
      maxLength: 63,
      pattern: LABEL_VALUE,
      description:
        'At most 63 letters, digits, - _ or . that start and end with a letter or digit. Can be empty.',
    },
    description,
  })
}

/** Whether a filter is a name, or a name and a value after `=`. */
export function isLabelFilter(text: string): boolean {
  const [name = '', ...values] = text.split('=')
  return LABEL_NAME.test(name) && new RegExp(LABEL_VALUE).test(values.join('='))
}
