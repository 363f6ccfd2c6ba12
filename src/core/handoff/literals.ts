import type { Json, JsonObject } from '../../contract/json.ts'
import { lastSegment } from '../arm/resource-id.ts'

/** How a language writes values. */
interface LiteralSyntax {
  text(value: string): string
  /** Between the name and the value of a field. */
  assign: string
  /** Whether the names of adjacent one-line fields have the same width. */
  isAligned: boolean
  /** After a field of an object. */
  fieldEnd: string
  /** After an item of a list. */
  itemEnd: string
}

export const BICEP: LiteralSyntax = {
  text: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${')}'`,
  assign: ': ',
  isAligned: false,
  fieldEnd: '',
  itemEnd: '',
}

export const HCL: LiteralSyntax = {
  text: (value) => JSON.stringify(value).replaceAll('${', '$${').replaceAll('%{', '%%{'),
  assign: ' = ',
  isAligned: true,
  fieldEnd: '',
  itemEnd: ',',
}

export const TYPESCRIPT: LiteralSyntax = {
  text: (value) => JSON.stringify(value),
  assign: ': ',
  isAligned: false,
  fieldEnd: ',',
  itemEnd: ',',
}

/** A JSON value as source text of a language, `depth` levels inside its resource. */
export function literal(value: Json | undefined, depth: number, syntax: LiteralSyntax): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return syntax.text(value)
  if (typeof value !== 'object') return String(value)
  const isList = Array.isArray(value)
  const lines = isList
    ? value.map((item) => `${literal(item, depth + 1, syntax)}${syntax.itemEnd}`)
    : fieldLines(value, depth + 1, syntax)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (lines.length === 0) return `${open}${close}`
  return [open, ...lines.map((line) => `${indent(depth + 1)}${line}`), `${indent(depth)}${close}`].join('\n')
}

/** The fields of an object, one text each; a field without a value is omitted, null is written. */
export function fieldLines(fields: JsonObject, depth: number, syntax: LiteralSyntax): string[] {
  const texts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, string] => [key, literal(value, depth, syntax)])
  const widths = syntax.isAligned ? alignedWidths(texts) : []
  return texts.map(
    ([key, text], index) => `${key.padEnd(widths[index] ?? 0)}${syntax.assign}${text}${syntax.fieldEnd}`,
  )
}

/** For each field, the width of the longest name among the one-line fields around it, as `terraform fmt` aligns them. */
function alignedWidths(texts: [key: string, text: string][]): number[] {
  const widths: number[] = []
  while (widths.length < texts.length) {
    const start = widths.length
    const end = texts.findIndex(([, text], index) => index >= start && text.includes('\n'))
    const group = texts.slice(start, end < 0 ? undefined : end)
    const width = Math.max(0, ...group.map(([key]) => key.length))
    widths.push(...group.map(() => width), ...(end < 0 ? [] : [0]))
  }
  return widths
}

/** A block of Terraform with fields and, after them, nested blocks. */
export function hclBlock(header: string, fields: JsonObject, depth = 0, nested: string[] = []): string {
  const lines = fieldLines(fields, depth + 1, HCL).map((line) => `${indent(depth + 1)}${line}`)
  return [`${indent(depth)}${header} {`, ...lines, ...nested, `${indent(depth)}}`].join('\n')
}

function indent(depth: number): string {
  return '  '.repeat(depth)
}

/** A name of a resource as a name in code. */
export function identifier(id: string): string {
  const name = lastSegment(id).replace(/\W/g, '_')
  return /^[A-Za-z]/.test(name) ? name : `r_${name}`
}
