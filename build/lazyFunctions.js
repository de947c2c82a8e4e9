import ts from 'typescript'

const { factory } = ts

/**
 * A module as V8 reads it fast. An arrow at the top of a module it reads whole when the module is loaded, and once more
 * when it is first called; a `function` it passes over until then, which takes a fifth of the time and of the memory. So
 * each `const f = (a) => b` becomes `function f(a) { return b }`, unless it has a `this` or `arguments` from outside.
 *
 * @example
 * ```js
 * withLazyFunctions('export const twice = (n: number): number => 2 * n', 'twice.ts')
 * // export function twice(n) { return (2 * n); }
 * ```
 *
 * @param {string} code a module in TypeScript
 * @param {string} fileName
 * @returns {string} JavaScript
 */
export const withLazyFunctions = (code, fileName) =>
  ts.transpileModule(code, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
    transformers: {
      before: [() => (file) => factory.updateSourceFile(file, file.statements.map(asFunction))],
    },
  }).outputText

/** @param {ts.Statement} statement @returns {ts.Statement} */
const asFunction = (statement) => {
  if (!ts.isVariableStatement(statement)) return statement
  const [declaration, ...others] = statement.declarationList.declarations
  if (declaration === undefined || others.length > 0) return statement
  const { name, initializer: arrow } = declaration
  if (!ts.isIdentifier(name) || arrow === undefined || !ts.isArrowFunction(arrow)) return statement
  if (!isConstant(statement) || usesSurroundings(arrow)) return statement
  const { parameters, body } = arrow
  const modifiers = [...(statement.modifiers ?? []), ...(arrow.modifiers ?? [])]
  const block = ts.isBlock(body) ? body : factory.createBlock([returned(body)])
  return factory.createFunctionDeclaration(
    modifiers,
    undefined,
    name,
    undefined,
    parameters,
    undefined,
    block,
  )
}

/** In parentheses: after a comment that ends a line `return` would return nothing. @param {ts.Expression} value */
const returned = (value) => factory.createReturnStatement(factory.createParenthesizedExpression(value))

/** @param {ts.VariableStatement} statement */
const isConstant = ({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) !== 0

/** @param {ts.Node} node @returns {boolean} */
const usesSurroundings = (node) =>
  node.kind === ts.SyntaxKind.ThisKeyword ||
  (ts.isIdentifier(node) && node.text === 'arguments') ||
  ts.forEachChild(node, (child) => usesSurroundings(child) || undefined) === true
