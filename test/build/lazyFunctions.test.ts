import { describe, expect, it } from 'vitest'
import { withLazyFunctions } from '../../build/lazyFunctions.js'

/** In one line, without what makes a module of it. */
const made = (code: string): string =>
  withLazyFunctions(`${code}\nexport {}`, 'module.ts').replace('export {};', '').replace(/\s+/g, ' ').trim()

/** What a module exports, once it has been made lazy. */
const load = async (code: string): Promise<Record<string, unknown>> =>
  (await import(
    `data:text/javascript,${encodeURIComponent(withLazyFunctions(code, 'module.ts'))}`
  )) as Record<string, unknown>

interface Exports {
  readonly twice: (n: number) => number
  readonly pair: (a: number) => { readonly f: () => number }
  readonly three: () => number
  readonly four: () => number
}

describe('lazy functions', () => {
  it.each([
    [
      'an expression',
      'const f = (n: number): number => n + 1',
      'const f = function (n) { return (n + 1); };',
    ],
    ['a block', 'export const f = () => { go() }', 'export const f = function () { go(); };'],
    ['no parentheses', 'export const f = n => n', 'export const f = function (n) { return (n); };'],
    ['what is no constant', 'let f = () => 1', 'let f = function () { return (1); };'],
    ['another value beside it', 'const a = 1, f = () => a', 'const a = 1, f = function () { return (a); };'],
    ['an object', 'const f = () => ({ a: 1 })', 'const f = function () { return (({ a: 1 })); };'],
    [
      'a type of its own',
      'const f: (n: number) => void = (n) => { go(n) }',
      'const f = function (n) { go(n); };',
    ],
    ['type parameters', 'const f = <A>(a: A): A => a', 'const f = function (a) { return (a); };'],
    [
      'a promise',
      'export const f = async (n) => await n',
      'export const f = async function (n) { return (await n); };',
    ],
    [
      'defaults and what is taken apart',
      'const f = ({ a }, b = 2, ...c) => [a, b, c]',
      'const f = function ({ a }, b = 2, ...c) { return ([a, b, c]); };',
    ],
  ])('are made of arrows: %s', (_, arrow, expected) => {
    expect(made(arrow)).toBe(expected)
  })

  it.each([
    ['this', 'const f = () => this;'],
    ['arguments', 'const f = () => arguments;'],
    ['this, further in', 'const f = () => () => [this];'],
    ['an arrow that is called', 'const f = once(() => 1);'],
    ['an arrow within', 'const f = function () { const g = () => 1; return g; };'],
  ])('are not made of what is something else: %s', (_, code) => {
    expect(made(code)).toBe(code)
  })

  it('do what the arrows did, by the same name', async () => {
    const exports = await load(`
      export const twice = (n: number): number => add(n, n)
      const add = (a: number, b = 1): number => { return a + b }
      export const pair = (a) => ({ a, f: () => add(a) })
      export const three = () =>
        // one more
        twice(1) + 1
      export const four = () => /* two
        lines */ 4
      export default twice`)
    const { twice, pair, three, four } = exports as unknown as Exports
    expect(twice(4)).toBe(8)
    expect(twice.name).toBe('twice')
    expect(pair(5).f()).toBe(6)
    expect([three(), four()], 'although comments come first').toEqual([3, 4])
    expect(exports['default']).toBe(twice)
  })

  it('are not made of what has no meaning', () => {
    expect(() => withLazyFunctions('export const f = (a: => 1', 'broken.ts')).toThrow(
      new SyntaxError('broken.ts: Type expected.'),
    )
  })
})
