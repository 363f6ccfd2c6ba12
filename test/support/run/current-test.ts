import root, { type Test } from 'tap'

let current: Test = root

export function setCurrentTest(test: Test): void {
  current = test
}

/** What the files of a group import as `tap`: the test of the file that runs. */
export default new Proxy(root, {
  get(_root, name) {
    const value: unknown = Reflect.get(current, name, current)
    return typeof value === 'function' ? value.bind(current) : value
  },
})
