import manifest from '../../package.json' with { type: 'json' }

/** What stands before the program in the command of `npm start`: flags of node. */
export function startFlags(): string[] {
  return startArguments().slice(0, -1)
}

/** The command of `npm start` without `node` itself, read where npm reads it, so that the two cannot drift. */
export function startArguments(): string[] {
  const [node, ...rest] = manifest.scripts.start.split(' ')
  if (node !== 'node' || rest.at(-1) !== 'src/main.ts')
    throw new Error(`npm start is not node with flags and src/main.ts: ${manifest.scripts.start}`)
  return rest
}
