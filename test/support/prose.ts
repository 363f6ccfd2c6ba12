import { flesch } from 'flesch'
import { syllable } from 'syllable'

/**
 * How texts for people must read. Code, links and placeholders count as one word each, because their length is not the
 * writer's choice.
 */
export interface Text {
  /** finding, problem, openapi, report, document, log, setting, comment or title. */
  kind: string
  /** Names the text in a failure. */
  place: string
  text: string
  /** Must be exactly one sentence. */
  single?: boolean
  /** Must begin with an imperative. */
  imperative?: boolean
  /** Must end with a full stop, question mark or colon. */
  punctuated?: boolean
}

export const MAX_WORDS = 35
/** Of a text with several sentences, and of all texts of a kind together. */
export const MAX_AVERAGE_WORDS = 20

/** Words and phrases that this product does not use, each with what to write instead. */
export const BANNED: readonly [RegExp, string][] = [
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\banew\b|\bafresh\b|\blook(s|ed)? again\b/i, 'again, re-read, re-evaluate'],
  [/\bsomebody\b|\bsomeone else's\b|\bwhoever\b|\bwhatever\b|\bnobody\b/i, 'name the person or thing'],
  [/\bbeforehand\b/i, 'before …, in advance of …'],
  [/\bas it were\b|\bso much as\b/i, 'leave it out'],
  [/\bat once\b/i, 'immediately, at the same time'],
  [/\b(is|are) told\b|\btells? of\b|\bhears? of\b/i, 'is notified, reports'],
  [/\b(lets?|letting|admits?|admitted) in\b|\blets? through\b/i, 'allow'],
  [/\bcuts? off\b/i, 'denies, blocks'],
  [/\bby name\b/i, 'list the code'],
  [/\bfor good\b/i, 'permanently'],
  [/\bway back\b/i, 'rollback'],
  [/\bby hand\b/i, 'manually'],
  [/\bgoes on\b/i, 'continues'],
  [/\bis missed\b/i, 'is detected as lost'],
  [/\bclean-ups?\b/i, 'cleanup'],
  [/\bcut-over\b|\bcut over\b/i, 'cutover'],
  [/\bhand-off\b/i, 'hand over, infrastructure as code'],
  [/\ballow-lists?\b|\ballowlist(s|ed)?\b/i, 'allow list'],
  [/\boutranks?\b|\bshadow(s|ed)\b/i, 'overrides, takes precedence over'],
  [/\bhangs? on\b|\b(is|are) taken off\b|\btakes? off\b/i, 'attached to, detached from'],
  [/\bof your own\b|\byour own (address|gateway|route|public)/i, 'customer-provided, customer-managed'],
  [/\brights\b/i, 'permissions'],
  [/\bnot sound\b|\bunsound\b/i, 'invalid'],
  [/\bone that\b|\bones that\b/i, 'say the noun'],
  [/\bwants? to be\b|\bis wanted\b/i, 'must, is required'],
  [/\brefus(e|es|ed|al|als|ing)\b/i, 'reject (requests), deny (permissions)'],
  [/\b(is|are) said\b|\bspeaks? of\b|\btold\b|\bnothing but\b/i, 'report, state, only'],
  [/\bsimulated world\b/i, 'simulator'],
  [/\bdials?\b/i, 'connects'],
  [/\bno longer so\b|\bin words\b|\bthereby\b|\btherein\b|\bthereof\b/i, 'plain words'],
]

/** Tested first, because few texts contain any of them. */
const ANY_BANNED = new RegExp(BANNED.map(([{ source }]) => source).join('|'), 'i')

/** British spellings that are written the American way here. */
const BRITISH =
  /\b(authoris|recognis|initialis|normalis|serialis|organis|summaris|minimis|maximis|prioritis|customis|optimis|utilis)(e|es|ed|ing|ation)\b|\b(behaviour|colour|favour|neighbour|honour)s?\b|\b(cancelled|cancelling|labelled|travell\w+|modelled|licence|centre|catalogue|whilst|programme)\b/i

/** First words that make a remedy an instruction. */
const IMPERATIVES = new Set(
  `accept acknowledge add answer associate adjust agree allow announce approve ask assign attach authorize avoid begin bring cancel change
  check choose clean clear close compare complete configure confirm connect consider contact continue convert copy correct count create
  decide delete deploy detach disable do drain enable encode ensure exclude execute exempt expect extend fetch find finish fix follow free
  get give grant identify ignore include increase inform install investigate keep leave let limit link list log look lower
  make manage measure merge migrate monitor move name narrow notify omit open pass plan poll prefer prepare prevent
  provide put read rebuild reconcile recreate reduce re-create re-evaluate re-read register reimage release reload remove rename renew
  repeat replace report request require resend reserve reset resolve restart restore restrict retry return review rotate route run
  save schedule select send set shorten size sort specify split start stop subscribe switch take tell test track treat
  try tune turn undo unlock update upgrade use verify wait warn watch widen withdraw write`.split(/\s+/),
)

/** Reduces Markdown and code to words: a code span, a link target or a number with its unit is one word. */
export function plainWords(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`[^`]*`/g, 'Code')
    .replace(/https?:\/\/\S+/g, 'Link')
    .replace(/[*_]{1,2}([^*_]+)[*_]{1,2}/g, '$1')
    .replace(/\b(\d+(?:\.\d+)+(?:\/\d+)?|[0-9a-f]*:[0-9a-f:]+(?:\/\d+)?)/gi, 'Address')
    .replace(/\b(e\.g|i\.e|etc|vs)\./g, '$1')
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' })
const SENTENCES = new Map<string, string[]>()

/** The sentences of a text; a list item or a paragraph ends one. Split once for each text, because it takes long. */
export function sentencesOf(text: string): string[] {
  const known = SENTENCES.get(text)
  if (known !== undefined) return known
  const sentences = splitSentences(text)
  SENTENCES.set(text, sentences)
  return sentences
}

function splitSentences(text: string): string[] {
  return plainWords(text)
    .split(/\n\s*\n|\n\s*[-*] |\n\s*\d+\. /)
    .flatMap((part) => [...SEGMENTER.segment(part.replace(/\s+/g, ' '))].map(({ segment }) => segment.trim()))
    .filter((sentence) => /[A-Za-z]/.test(sentence))
}

export function wordsOf(sentence: string): string[] {
  return sentence.split(/\s+/).filter((word) => /[A-Za-z0-9]/.test(word))
}

/** Everything that is wrong with a text, each with what to do. */
export function flawsOf({ text, single, imperative, punctuated }: Text): string[] {
  const sentences = sentencesOf(text)
  const lengths = sentences.map((sentence) => wordsOf(sentence).length)
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length)
  const prose = plainWords(text)
  const long = sentences.filter((sentence) => wordsOf(sentence).length > MAX_WORDS)
  const first = wordsOf(prose)[0]?.toLowerCase().replace(/[,:]$/, '') ?? ''
  return [
    ...long.map((sentence) => `${wordsOf(sentence).length} words in one sentence: "${sentence}"`),
    ...(sentences.length > 1 && average > MAX_AVERAGE_WORDS
      ? [`${average.toFixed(1)} words in a sentence on average`]
      : []),
    ...(ANY_BANNED.test(prose) ? BANNED : []).flatMap(([pattern, instead]) => {
      const found = pattern.exec(prose)
      return found === null ? [] : [`"${found[0]}": write ${instead}`]
    }),
    ...(BRITISH.exec(prose)?.slice(0, 1) ?? []).map((word) => `"${word}": write the American spelling`),
    ...(/\S {2,}\S/.test(prose) ? ['two spaces'] : []),
    ...sentences
      .filter((sentence) => (sentence.match(/[–—]/g)?.length ?? 0) > 1)
      .map((sentence) => `a chain of dashes: "${sentence}"`),
    ...(single && sentences.length !== 1 ? [`${sentences.length} sentences instead of one`] : []),
    ...(imperative && !isInstruction(prose, first) ? [`begins with "${first}", not with an imperative`] : []),
    ...(punctuated && !/[.?!:]["')\]`]*$/.test(text.trim()) ? ['no full stop at the end'] : []),
  ]
}

/** An imperative, possibly after a condition: `Attach …`, `If …, attach …`. */
function isInstruction(prose: string, first: string): boolean {
  if (first !== 'if') return IMPERATIVES.has(first)
  const [, ...clauses] = (splitSentences(prose)[0] ?? '').split(', ')
  return clauses.some((clause) => IMPERATIVES.has(wordsOf(clause.replace(/^(and|first) /, ''))[0] ?? ''))
}

/** Flesch reading ease of texts taken together: 100 is easy, 0 is for specialists. */
export function readingEase(texts: readonly string[]): number {
  const sentences = texts.flatMap(sentencesOf)
  const words = sentences.flatMap(wordsOf)
  return flesch({
    sentence: sentences.length,
    word: words.length,
    syllable: words.reduce((sum, word) => sum + Math.max(1, syllable(word)), 0),
  })
}
