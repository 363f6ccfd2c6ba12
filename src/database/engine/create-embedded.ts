import { PGlite } from '@electric-sql/pglite'

/**
 * Creates the files of an embedded database in the folder that is its argument, then exits. It is a separate program,
 * because the initdb inside needs about 300 MB that a process never returns.
 */
const [, , dataDir] = process.argv
const pglite = await PGlite.create({ dataDir: dataDir ?? '' })
await pglite.close()
