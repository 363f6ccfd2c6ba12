import type { Database } from '../../src/database/database.ts'

/**
 * The database as somebody sees it whom others come between: `others` is awaited before the next transaction begins,
 * once, and so after whatever was looked at for it.
 */
export function meanwhile(database: Database, others: () => Promise<unknown>): Database {
  let isDue = true
  const kysely = new Proxy(database.kysely, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'transaction') return typeof value === 'function' ? value.bind(target) : value
      return () => ({
        async execute(act: never) {
          if (isDue) {
            isDue = false
            await others()
          }
          return target.transaction().execute(act)
        },
      })
    },
  })
  return { ...database, kysely }
}
