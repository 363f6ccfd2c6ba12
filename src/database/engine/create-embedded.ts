import { PGlite } from '@electric-sql/pglite'

/**
 * Makes the files of an embedded database in the folder that is its argument, and ends. A program of its
 * own: the initdb inside needs some 300 MB that the process which goes on to serve would never give back.
 */
const [, , dataDir] = process.argv
const pglite = await PGlite.create({ dataDir: dataDir ?? '' })
await pglite.close()
