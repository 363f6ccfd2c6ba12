import fc from 'fast-check'

const FIRST_SURROGATE = 0xd800
const SURROGATES = 0x800

/**
 * Any code point except halves of surrogate pairs, as a unit of `fc.string`. fast-check's own unit `binary` first stores
 * all million characters, which takes longer than most test files.
 */
export const anyCharacter = fc
  .nat(0x10ffff - SURROGATES)
  .map((index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES))
