import type { Node, SourceFile } from './source-files.ts'

/**
 * The titles of the tests in a file: the first arguments of `t.test` and its like. A title can come from the row of a
 * table. The placeholders of a template are left out.
 */
export function titlesOf({ nodes }: SourceFile): string[] {
  return nodes.filter(isTest).flatMap((call) => {
    const [title] = call.arguments as Node[]
    return title === undefined ? [] : (textOf(title) ?? textsOfRows(title, nodes))
  })
}

function isTest(node: Node): boolean {
  if (node.type !== 'CallExpression') return false
  const callee = node.callee as Node
  const name = callee.type === 'MemberExpression' ? (callee.property as Node).name : callee.name
  return name === 'test' || name === 'it'
}

function textOf(node: Node | null | undefined): string[] | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') return [node.value]
  if (node?.type !== 'TemplateLiteral') return null
  const parts = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked)
  return [parts.join('Code')]
}

/** The titles in the table over which the loop around a test runs: `for (const [title, …] of TABLE) t.test(title, …)`. */
function textsOfRows(title: Node, nodes: readonly Node[]): string[] {
  const isMember = title.type === 'MemberExpression'
  const variable = isMember ? (title.object as Node).name : title.name
  const loops = nodes.filter(({ type }) => type === 'ForOfStatement')
  return loops.flatMap((loop) => {
    const [declared] = (loop.left as { declarations?: Node[] }).declarations ?? []
    const place = isMember
      ? isNamed(declared?.id, variable)
        ? (title.property as Node).name
        : undefined
      : placeIn(declared?.id as Node | undefined, variable)
    if (place === undefined) return []
    return rowsOf(loop.right as Node, nodes).flatMap((row) => textOf(memberOf(row, place)) ?? [])
  })
}

/** Where a pattern takes the variable from: an index, a name, or `null` for the row itself. */
function placeIn(pattern: Node | undefined, variable: unknown): unknown {
  if (isNamed(pattern, variable)) return null
  if (pattern?.type === 'ArrayPattern') {
    const index = (pattern.elements as unknown[]).findIndex((element) => isNamed(element, variable))
    return index < 0 ? undefined : index
  }
  const properties = (pattern?.properties ?? []) as { key: Node; value: unknown }[]
  return properties.find(({ value }) => isNamed(value, variable))?.key.name
}

function isNamed(node: unknown, name: unknown): boolean {
  return (node as Node | null | undefined)?.name === name && name !== undefined
}

function memberOf(row: Node, place: unknown): Node | undefined {
  if (place === null) return row
  if (row.type === 'ArrayExpression') return (row.elements as Node[])[Number(place)]
  const properties = (row.properties ?? []) as { key?: Node; value?: Node }[]
  return properties.find(({ key }) => key?.name === place)?.value
}

/** The rows of a table: of an array, or of a constant of the file that holds one. */
function rowsOf(table: Node, nodes: readonly Node[]): Node[] {
  if (table.type === 'TSAsExpression' || table.type === 'TSSatisfiesExpression')
    return rowsOf(table.expression as Node, nodes)
  if (table.type === 'ArrayExpression') return table.elements as Node[]
  if (table.type !== 'Identifier') return []
  const constant = nodes.find((node) => node.type === 'VariableDeclarator' && isNamed(node.id, table.name))
  return constant?.init == null ? [] : rowsOf(constant.init as Node, nodes)
}
