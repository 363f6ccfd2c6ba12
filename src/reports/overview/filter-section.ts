import { type Block, bulletList, type Filter, type Inline, type Section } from '../document/document.ts'

/** The filters of the request: each parameter with its value. */
export type ActiveFilters = readonly (readonly [name: string, value: string])[]

/** The active filters, and forms that add another filter to the address of the list. */
export function filterSection(
  path: string,
  fields: readonly Omit<Filter, 'kept'>[],
  active: ActiveFilters,
  title = 'Filter',
): Section {
  const filters = fields.map((field) => ({
    ...field,
    kept: active
      .filter(([name]) => name !== field.name)
      .map(([name, value]): [string, string] => [name, value]),
  }))
  return {
    id: 'filters',
    title: 'Filters',
    blocks: [
      ...activeFilters(path, fields, active),
      { kind: 'fold', title: [title], blocks: [{ kind: 'filters', action: path, filters }] },
    ],
  }
}

/** Each filter with a link to the list without it. */
function activeFilters(
  path: string,
  fields: readonly Omit<Filter, 'kept'>[],
  active: ActiveFilters,
): Block[] {
  if (active.length === 0) return []
  return [
    bulletList(
      active.map((filter): Inline[] => {
        const [name, value] = filter
        const others = new URLSearchParams(
          active.flatMap((other): [string, string][] => (other === filter ? [] : [[other[0], other[1]]])),
        )
        return [
          `${fields.find((field) => field.name === name)?.label ?? name}: `,
          { code: value },
          ' ',
          { link: 'remove', url: others.size === 0 ? path : `${path}?${others}` },
        ]
      }),
    ),
  ]
}
