import ts from 'typescript'

const { factory } = ts

/**
 * A module as V8 reads it fast. An arrow at the top of a module it reads whole when the module is loaded, and once more
 * when it is first called; a `function` it passes over until then, which takes a fifth of the time and of the memory.
 * So each `const f = (a) => b` becomes `const f = function (a) { return b }`, unless `this` or `arguments` is anywhere
 * in it. A constant, and not `function f`, which could be given another value: the optimizer relies on it.
 *
 * Throws where the syntax is wrong.
 *
 * @example
 * ```js
 * withLazyFunctions('export const twice = (n: number): number => 2 * n', 'twice.ts')
 * // export const twice = function (n) { return (2 * n); };
 * ```
 *
 * @param {string} code a module in TypeScript
 * @param {string} fileName
 * @returns {string} JavaScript
 */
export const withLazyFunctions = (code, fileName) => {
  const { outputText, diagnostics = [] } = ts.transpileModule(code, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
    transformers: {
      before: [() => (file) => factory.updateSourceFile(file, file.statements.map(withFunctions))],
    },
  })
  const [wrong] = diagnostics
  if (wrong !== undefined)
    throw new SyntaxError(`${fileName}: ${ts.flattenDiagnosticMessageText(wrong.messageText, '\n')}`)
  return outputText
}

/** @param {ts.Statement} statement @returns {ts.Statement} */
const withFunctions = (statement) => {
  if (!ts.isVariableStatement(statement)) return statement
  const { modifiers, declarationList } = statement
  const declarations = declarationList.declarations.map(withFunction)
  return factory.updateVariableStatement(
    statement,
    modifiers,
    factory.updateVariableDeclarationList(declarationList, declarations),
  )
}

/** @param {ts.VariableDeclaration} declaration */
const withFunction = (declaration) => {
  const { name, initializer } = declaration
  if (initializer === undefined || !ts.isArrowFunction(initializer) || usesSurroundings(initializer))
    return declaration
  return factory.updateVariableDeclaration(declaration, name, undefined, undefined, asFunction(initializer))
}

/** @param {ts.ArrowFunction} arrow */
const asFunction = ({ modifiers, parameters, body }) =>
  factory.createFunctionExpression(
    modifiers,
    undefined,
    undefined,
    undefined,
    parameters,
    undefined,
    ts.isBlock(body) ? body : factory.createBlock([returned(body)]),
  )

/** In parentheses: after a comment that ends a line `return` would return nothing. @param {ts.Expression} value */
const returned = (value) => factory.createReturnStatement(factory.createParenthesizedExpression(value))

/** @param {ts.Node} node @returns {boolean} */
const usesSurroundings = (node) =>
  node.kind === ts.SyntaxKind.ThisKeyword ||
  (ts.isIdentifier(node) && node.text === 'arguments') ||
  ts.forEachChild(node, usesSurroundings) === true
