/**
 * Letters count one token for each 4 of a run, digits one for each 2. Every other ASCII character is one token, every other
 * character two. Spaces and line breaks do not count. Tokenizers of common models need fewer for the JSON and the English of
 * this service, so the count is an upper estimate that needs no vocabulary.
 */
const PIECES = /[A-Za-z]+|\d+|[!-~]|[^\p{ASCII}]/gu

/** The estimated number of tokens of a text. */
export function countTokens(text: string): number {
  let tokens = 0
  for (const [piece] of text.matchAll(PIECES)) {
    const first = piece.charCodeAt(0)
    if (first > 0x7f) tokens += 2
    else if (first >= 0x30 && first <= 0x39) tokens += Math.ceil(piece.length / 2)
    else tokens += Math.ceil(piece.length / 4)
  }
  return tokens
}
