import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import { armWord, equalsArm } from '../../core/arm/words.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'

/**
 * Reads fields of a JSON object from ARM by their documented names. A missing or null field is read as null or empty.
 * Letter case is ignored, because the services of ARM differ in it (`etag`, `eTag`). A value of the wrong type causes
 * an `ArmFault` of kind `unknown` that names the field.
 */
export class BodyReader {
  readonly #fields: JsonObject
  readonly #path: string

  constructor(json: Json | undefined, path = '') {
    this.#path = path
    this.#fields = isObject(json)
      ? json
      : json === null || json === undefined
        ? {}
        : this.#refuse('', 'an object')
  }

  /** The object under a name; an empty object if there is none. */
  at(name: string): BodyReader {
    return new BodyReader(this.#value(name), this.#pathOf(name))
  }

  /** Whether the value under a name exists and is not null. */
  has(name: string): boolean {
    return this.#value(name) !== null
  }

  string(name: string): string | null {
    const value = this.#value(name)
    if (value === null || typeof value === 'string') return value
    return this.#refuse(name, 'a string')
  }

  /** Whether the string under a name equals this ARM word, in any letter case. */
  is(name: string, word: string): boolean {
    return equalsArm(this.string(name), word)
  }

  /**
   * The word under a name, in the spelling of the list, because ARM returns some words as the caller spelled them. A
   * word that is not in the list is unchanged.
   */
  word(name: string, words: readonly string[]): string | null {
    const value = this.string(name)
    return armWord(value, words) ?? value
  }

  /** Like `word`, for each string of a list. */
  words(name: string, words: readonly string[]): string[] {
    return this.strings(name).map((value) => armWord(value, words) ?? value)
  }

  /** The ARM word under a name, in the spelling of the list. The fallback for a missing or other word. */
  oneOf<W extends string, F extends string = W>(name: string, words: readonly W[], fallback: F): W | F {
    return armWord(this.string(name), words) ?? fallback
  }

  /** Like `string`, for a required field: rejects if the field is missing. */
  requiredString(name: string): string {
    return this.string(name) || this.#refuse(name, 'a string')
  }

  number(name: string): number | null {
    const value = this.#value(name)
    if (value === null || typeof value === 'number') return value
    return this.#refuse(name, 'a number')
  }

  /** False if missing. */
  boolean(name: string): boolean {
    return this.optionalBoolean(name) ?? false
  }

  optionalBoolean(name: string): boolean | null {
    const value = this.#value(name)
    if (value === null || typeof value === 'boolean') return value
    return this.#refuse(name, 'a boolean')
  }

  /** The objects of a list. */
  list(name: string): BodyReader[] {
    return this.#items(name).map((item, index) => new BodyReader(item, `${this.#pathOf(name)}[${index}]`))
  }

  /** The objects of a list that older API versions show as one object. */
  oneOrList(name: string): BodyReader[] {
    return Array.isArray(this.#value(name)) ? this.list(name) : this.has(name) ? [this.at(name)] : []
  }

  /** The objects in a map, by their keys. */
  members(name: string): [string, BodyReader][] {
    const fields = this.at(name).#fields
    return Object.entries(fields).map(([key, value]) => [
      key,
      new BodyReader(value, `${this.#pathOf(name)}.${key}`),
    ])
  }

  /** The unchanged value under a name, for rules and values of unknown form. */
  json(name: string): Json {
    return this.#value(name)
  }

  /** The strings of a list. */
  strings(name: string): string[] {
    return this.#items(name).map((item) =>
      typeof item === 'string' ? item : this.#refuse(name, 'a list of strings'),
    )
  }

  /** The numbers of a list. */
  numbers(name: string): number[] {
    return this.#items(name).map((item) =>
      typeof item === 'number' ? item : this.#refuse(name, 'a list of numbers'),
    )
  }

  /**
   * The values of two fields: ARM uses the singular for one value, the plural for several values, and some resources
   * have both.
   */
  oneOrMany(single: string, many: string): string[] {
    return [...new Set([this.string(single) ?? '', ...this.strings(many)])].filter((value) => value !== '')
  }

  /** The `id`s of a list of references, the form in which ARM links resources. */
  ids(name: string): string[] {
    return this.list(name).flatMap((reference) => reference.string('id') ?? [])
  }

  /** A map from strings to strings, such as `tags`; entries of other types are omitted. */
  stringMap(name: string): Record<string, string> {
    const entries = Object.entries(this.at(name).#fields)
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  }

  #items(name: string): Json[] {
    const value = this.#value(name)
    if (value === null) return []
    return Array.isArray(value) ? value : this.#refuse(name, 'a list')
  }

  #value(name: string): Json {
    if (Object.hasOwn(this.#fields, name)) return this.#fields[name] ?? null
    const key = Object.keys(this.#fields).find((candidate) => equalsArm(candidate, name))
    return key === undefined ? null : (this.#fields[key] ?? null)
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  #refuse(name: string, expected: string): never {
    throw faultOfBody(`${(name === '' ? this.#path : this.#pathOf(name)) || 'the body'} is not ${expected}`)
  }
}
