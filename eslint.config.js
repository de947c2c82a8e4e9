import { builtinModules } from 'node:module'
import rxjsX from 'eslint-plugin-rxjs-x'
import tseslint from 'typescript-eslint'

// Flat config replaces a rule's options instead of merging them, so each floor states its whole list from these parts.

/** Banned wherever they are written: they break outside the test runner, or go round the floors below. */
const everywhere = [
  { regex: '^fp-ts(/|$)', message: "use '#fp/*': the bare path breaks in native ESM" },
  {
    regex: '^io-ts/',
    message: "use the root, 'io-ts': its sub-paths break in native ESM or are experimental",
  },
  { regex: '^rxjs/(operators|internal)(/|$)', message: "use the root, 'rxjs'" },
  {
    regex: `^(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(/|$)`,
    message: "write 'node:'",
  },
  {
    regex: '^node:child_process$',
    importNames: ['exec', 'execSync'],
    message: 'a shell reads its argument: use spawn or execFile',
  },
]
const bencode = { regex: '^bencode$', message: 'decodes hostile bytes unsafely: go through codecs/bencode' }
const node = { regex: '^node:', message: 'only a platform folder knows its platform' }
const cryptoOnly = (...names) => [
  { regex: '^node:(?!crypto$)', message: 'only hashes and signatures come from the platform' },
  {
    regex: '^node:crypto$',
    allowImportNames: names,
    message: `only ${names.join(', ')} comes from the platform`,
  },
]
const rxjs = { regex: '^rxjs(/|$)', message: 'codecs know no streams' }
const unbounded = {
  regex: '^rxjs$',
  importNames: ['concatMap', 'shareReplay'],
  message: 'concatMap queues without bound and overflows the stack; shareReplay keeps its source alive',
}
const imports = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: [...everywhere, ...patterns] }],
})

const ambientGlobals = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance'].map((name) => [
    name,
    'time',
  ]),
  ...['process', 'Buffer', 'crypto', 'fetch', 'WebSocket'].map((name) => [name, 'the platform']),
].map(([name, what]) => ({ name, message: `${what} comes in through SessionDeps` }))
const mathRandom = { object: 'Math', property: 'random', message: 'chance comes in through SessionDeps' }
const dateNow = { object: 'Date', property: 'now', message: 'time comes in through SessionDeps' }
const newDate = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'time comes in through SessionDeps',
}
const noAmbience = {
  'no-restricted-globals': ['error', ...ambientGlobals],
  'no-restricted-properties': ['error', mathRandom, dateNow],
}

const syntax = [
  { selector: 'Property[key.name="shell"][value.value=true]', message: 'a shell reads its argument' },
  { selector: '[key.name="rejectUnauthorized"]', message: 'certificates are verified' },
  { selector: '[key.value="rejectUnauthorized"]', message: 'certificates are verified' },
  { selector: 'MemberExpression[property.name="rejectUnauthorized"]', message: 'certificates are verified' },
  ...['FunctionDeclaration', 'VariableDeclarator[init.type=/Function/]'].map((function_) => ({
    selector: `${function_}[id.name=/[$]$/]`,
    message: '`$` names an Observable, not what makes one',
  })),
  {
    selector: 'TSPropertySignature[key.name=/[$]$/][typeAnnotation.typeAnnotation.type="TSFunctionType"]',
    message: '`$` names an Observable, not what makes one',
  },
]
const longSpread = {
  selector: 'CallExpression[callee.property.name=/^(push|unshift)$/] > SpreadElement',
  message: 'overflows the stack on a long array',
}

/** `rxjs-x/no-exposed-subjects` knows only classes. */
const exposedSubjects = [
  'TSPropertySignature > TSTypeAnnotation > TSTypeReference[typeName.name=/Subject$/]',
  'TSFunctionType > TSTypeAnnotation.returnType > TSTypeReference[typeName.name=/Subject$/]',
  ':function > TSTypeAnnotation.returnType > TSTypeReference[typeName.name=/Subject$/]',
  '> VariableDeclaration > VariableDeclarator[init.callee.name=/Subject$/]',
].map((selector) => ({
  selector: `ExportNamedDeclaration ${selector}`,
  message: 'a Subject is never exposed',
}))

/**
 * `rxjs-x/finnish`, but a property or variable that holds a function is a function, and one that may as well hold a plain
 * value is an option: their names take no `$`.
 */
const finnish = {
  ...rxjsX.rules.finnish,
  create: (context) => {
    const { sourceCode } = context
    const isExempt = ({ start }) => {
      const node = sourceCode.getNodeByRangeIndex(sourceCode.getIndexFromLoc(start))
      const type = sourceCode.parserServices.getTypeAtLocation(node).getNonNullableType()
      if (type.getCallSignatures().length > 0) return true
      return type.isUnion() && type.types.some((member) => member.getProperty('pipe') === undefined)
    }
    const report = (problem) => isExempt(problem.loc) || context.report(problem)
    return rxjsX.rules.finnish.create(Object.create(context, { report: { value: report } }))
  },
}

/** Everything that tsconfig.json names; the rest is configuration in plain JavaScript, linted without types. */
const typed = ['src/**', 'test/**', 'examples/**', 'bench/**', '*.ts']

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'examples/.build/'] },
  { linterOptions: { noInlineConfig: true } },
  ...tseslint.configs.strictTypeChecked,
  { ...rxjsX.configs.strict, files: typed },
  {
    name: 'rxtorrent/everywhere',
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      ...imports(),
      'no-restricted-syntax': ['error', ...syntax],
      // `T[n]` of a typed array is `T | undefined` to the compiler; an index in range by construction says `!`.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // `fsCall<void>` is the answer that carries nothing; `interface A extends B<A> {}` is how a type contains itself.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    name: 'rxtorrent/rxjs',
    files: typed,
    plugins: { rxtorrent: { rules: { finnish } } },
    rules: {
      'rxtorrent/finnish': ['error', { functions: false, methods: false, strict: true }],
      'rxjs-x/no-sharereplay': ['error', { allowConfig: true }],
    },
  },
  {
    name: 'rxtorrent/src',
    files: ['src/**'],
    rules: {
      'max-lines': ['error', 400],
      'no-console': 'error',
      'no-restricted-properties': ['error', mathRandom],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'rxjs-x/no-ignored-subscribe': 'error',
      'no-restricted-syntax': ['error', ...syntax, longSpread, ...exposedSubjects],
      ...imports(bencode, unbounded),
    },
  },
  {
    name: 'rxtorrent/codecs',
    files: ['src/codecs/**'],
    rules: { ...noAmbience, ...imports(bencode, rxjs, node) },
  },
  {
    name: 'rxtorrent/codecs/bencode',
    files: ['src/codecs/bencode*', 'src/codecs/bencode/**'],
    rules: imports(rxjs, node),
  },
  {
    name: 'rxtorrent/codecs/hashes',
    files: ['src/codecs/infohash.ts', 'src/codecs/merkle.ts'],
    rules: imports(bencode, rxjs, ...cryptoOnly('hash')),
  },
  {
    name: 'rxtorrent/codecs/signatures',
    files: ['src/codecs/ed25519.ts'],
    rules: imports(bencode, rxjs, ...cryptoOnly('createPrivateKey', 'createPublicKey', 'sign', 'verify')),
  },
  {
    name: 'rxtorrent/neutral',
    files: ['src/operators/**', 'src/streams/**', 'src/index.ts'],
    ignores: ['src/streams/node/**'],
    rules: { ...noAmbience, ...imports(bencode, unbounded, node) },
  },
  {
    name: 'rxtorrent/no-ambient-date',
    files: ['src/codecs/**', 'src/operators/**', 'src/streams/**'],
    ignores: ['src/streams/node/**'],
    rules: { 'no-restricted-syntax': ['error', ...syntax, longSpread, ...exposedSubjects, newDate] },
  },
  {
    name: 'rxtorrent/platform',
    files: ['src/streams/node/**'],
    rules: imports(bencode, unbounded),
  },
  { name: 'rxtorrent/cli', files: ['src/cli/**'], rules: { 'no-console': 'off' } },
  {
    name: 'rxtorrent/programs',
    files: ['test/**', 'examples/**', 'bench/**'],
    rules: {
      // A stream that ends empty rejects, and so ends the program or fails the test.
      'rxjs-x/no-ignored-default-value': 'off',
    },
  },
  {
    name: 'rxtorrent/tests',
    files: ['test/**'],
    rules: {
      // A test watches single notifications; an error that nobody handles fails the run by itself.
      'rxjs-x/no-ignored-error': 'off',
      // The error of a marble diagram is a string.
      'rxjs-x/throw-error': 'off',
      // Its values are looked up by a letter.
      'rxtorrent/finnish': ['error', { functions: false, methods: false, objects: false, strict: true }],
    },
  },
  {
    name: 'rxtorrent/javascript',
    files: ['**/*.{js,mjs,cjs}'],
    rules: {
      // The compiler checks these files through JSDoc; a parsed or imported value cannot be cast in passing there.
      ...Object.fromEntries(
        ['argument', 'assignment', 'call', 'member-access', 'return'].map((use) => [
          `@typescript-eslint/no-unsafe-${use}`,
          'off',
        ]),
      ),
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    name: 'rxtorrent/untyped',
    files: ['*.{js,mjs,cjs}', '.*.{js,mjs,cjs}', '.ci/**'],
    ...tseslint.configs.disableTypeChecked,
  },
)
