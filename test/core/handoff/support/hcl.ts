/** A value in a Terraform file. References such as `azurerm_subnet.nodes` are strings. */
export type Hcl = null | boolean | number | string | Hcl[] | { [key: string]: Hcl }

/** The attributes of the first block with this header. Nested blocks are objects. */
export function attributesOf(text: string, header: RegExp): { [key: string]: Hcl } {
  const match = header.exec(text)
  if (match === null) throw new Error(`no block ${header}`)
  const tokens = tokensOf(text.slice(match.index + match[0].length))
  return readValue(tokens) as { [key: string]: Hcl }
}

const TOKEN = /#[^\n]*|"(?:[^"\\]|\\.)*"|[{}[\],=:]|[^\s{}[\],="]+/g

function tokensOf(text: string): string[] {
  return (text.match(TOKEN) ?? []).filter((token) => !token.startsWith('#'))
}

/** Takes one value from the front of the tokens. */
function readValue(tokens: string[]): Hcl {
  const token = tokens.shift()
  if (token === undefined) throw new Error('the text ends inside a value')
  if (token === '{') return readObject(tokens)
  if (token === '[') return readList(tokens)
  if (token.startsWith('"')) return JSON.parse(token.replaceAll('$${', '${').replaceAll('%%{', '%{'))
  if (token === 'null') return null
  if (token === 'true' || token === 'false') return token === 'true'
  return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token
}

function readObject(tokens: string[]): Hcl {
  const object: { [key: string]: Hcl } = {}
  while (tokens[0] !== '}') {
    const key = tokens.shift()
    if (key === undefined) throw new Error('an object does not end')
    if (tokens[0] === '=') tokens.shift()
    object[key] = readValue(tokens)
  }
  tokens.shift()
  return object
}

function readList(tokens: string[]): Hcl {
  const list: Hcl[] = []
  while (tokens[0] !== ']') {
    list.push(readValue(tokens))
    if (tokens[0] === ',') tokens.shift()
  }
  tokens.shift()
  return list
}
