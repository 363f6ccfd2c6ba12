import { readFileSync } from 'node:fs'
import type { HandoffTool } from '../../../../src/contract/handoff.ts'

interface Allowed {
  since?: string
  component?: string
}

interface Option extends Allowed {
  values?: Record<string, Allowed>
  range?: [number, number]
  list?: ',' | ' '
}

const { commands } = JSON.parse(
  readFileSync(new URL('../../../data/azure-cli/options.json', import.meta.url), 'utf8'),
) as { commands: Record<string, Record<string, Option>> }

/** The words of a command as a POSIX shell splits them. Everything that the shell would interpret must be quoted. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:'[^']*'|[^\s'])+/g) ?? []
  return words.map((word) => {
    if (/[()$`"\\&|;<>*?~#]/.test(word.replace(/'[^']*'/g, ''))) throw new Error(`not quoted: ${word}`)
    return word.replaceAll("'", '')
  })
}

/** What is wrong with an `az` command for the first version of a range. */
export function commandErrors(line: string, validFor: HandoffTool['validFor']): string[] {
  const [az, ...words] = shellWords(line)
  const start = words.findIndex((word) => word.startsWith('--'))
  const command = words.slice(0, start).join(' ')
  const known = commands[command]
  if (az !== 'az' || known === undefined) return [`unknown command: ${az} ${command}`]
  return optionsOf(words.slice(start)).flatMap(([name, values]) => {
    const option = known[name]
    if (option === undefined) return [`${command} has no option ${name}`]
    return [
      ...versionErrors(name, option, validFor),
      ...(values.length === 1 || (option.list === ' ' && values.length > 0)
        ? []
        : [`${name} has ${values.length} values`]),
      ...values.flatMap((value) => valueErrors(name, option, value, validFor)),
    ]
  })
}

function optionsOf(words: string[]): [name: string, values: string[]][] {
  const options: [string, string[]][] = []
  for (const word of words) {
    if (word.startsWith('--')) options.push([word, []])
    else options.at(-1)?.[1].push(word)
  }
  return options
}

function valueErrors(
  name: string,
  option: Option,
  value: string,
  validFor: HandoffTool['validFor'],
): string[] {
  const { values, range, list } = option
  if (values !== undefined) {
    const allowed = values[value]
    return allowed === undefined
      ? [`${name} does not accept ${value}`]
      : versionErrors(`${name} ${value}`, allowed, validFor)
  }
  if (range !== undefined) {
    const [min, max] = range
    return Number(value) >= min && Number(value) <= max ? [] : [`${name} does not accept ${value}`]
  }
  return list === ',' || !value.includes(',') ? [] : [`${name} accepts one value, not ${value}`]
}

function versionErrors(
  what: string,
  { since, component }: Allowed,
  validFor: HandoffTool['validFor'],
): string[] {
  if (since === undefined) return []
  if (component !== undefined && component !== validFor.component) return [`${what} needs ${component}`]
  const isKnown = validFor.from !== null && compareVersions(validFor.from, since) >= 0
  return isKnown ? [] : [`${what} needs ${since}, and the range starts at ${validFor.from}`]
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true })
}
