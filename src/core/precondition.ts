/**
 * What somebody has read, held against what is there when they change it: called with the version that the change starts
 * from, in the transaction of the change or fenced with it, and throws where that is another one than was read.
 */
export type Precondition = (version: string) => void
