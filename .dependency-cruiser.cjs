// The floors: index → streams → operators → codecs, cli → index. Imports run downwards only.

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** What users import or run; the worker is loaded by its URL. */
const entries =
  '^src/((codecs/|operators/|streams/|streams/virtual/)?index\\.ts|cli/(main|start)\\.ts|streams/node/hashWorker\\.js)$'

/** What is only a devDependency: a peer is one too, so that tests can run. */
const devDependency = (...allowed) => ({
  dependencyTypes: ['npm-dev'],
  pathNot: `node_modules/(${['fp-ts', 'io-ts', 'rxjs', ...allowed].join('|')})/`,
})

module.exports = {
  forbidden: [
    forbid('no-cycles', 'Two modules that need each other are one, or three.', {}, { circular: true }),
    forbid('no-unresolved', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    forbid(
      'codecs-lowest',
      'Codecs know bytes and values only.',
      { path: '^src/codecs/' },
      { path: '^src/', pathNot: '^src/codecs/' },
    ),
    forbid(
      'operators-above-codecs',
      'The pure engine knows no drivers.',
      { path: '^src/operators/' },
      { path: '^src/', pathNot: '^src/(codecs|operators)/' },
    ),
    forbid(
      'streams-above-operators',
      'Drivers do not know the façade.',
      { path: '^src/streams/' },
      { path: '^src/', pathNot: '^src/(codecs|operators|streams)/' },
    ),
    forbid(
      'cli-is-a-user',
      'The command can do nothing that a user of the library could not.',
      { path: '^src/cli/' },
      { path: '^src/', pathNot: '^src/(cli/|index\\.ts$)' },
    ),
    forbid(
      'cli-is-the-top',
      'Nothing stands on the command.',
      { pathNot: '^src/cli/' },
      { path: '^src/cli/' },
    ),
    forbid(
      'platform-behind-its-door',
      'Only the entry points choose the Node platform; everything else is written over SessionDeps.',
      { path: '^src/', pathNot: '^src/(streams/node/|streams/index\\.ts$|index\\.ts$)' },
      { path: '^src/streams/node/' },
    ),
    forbid(
      'virtual-for-tests',
      'The virtual platform ships as rxtorrent/testing, apart from the engine.',
      { path: '^src/', pathNot: '^src/streams/virtual/' },
      { path: '^src/streams/virtual/' },
    ),
    forbid(
      'only-platforms-know-node',
      'node:* belongs to the platform folder and the command; hashes and signatures are the one exception.',
      { path: '^src/', pathNot: '^src/(streams/node|cli)/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    ),
    forbid(
      'crypto-in-its-files',
      'Only the files that define a hash or a signature compute one.',
      { path: '^src/', pathNot: '^src/(streams/node/|cli/|codecs/(infohash|merkle|ed25519)\\.ts$)' },
      { dependencyTypes: ['core'], path: '^(node:)?crypto$' },
    ),
    forbid(
      'codecs-without-rxjs',
      'Codecs know no streams.',
      { path: '^src/codecs/' },
      { path: 'node_modules/rxjs/' },
    ),
    forbid(
      'bencode-behind-its-codec',
      'The package decodes hostile bytes unsafely.',
      { path: '^src/', pathNot: '^src/codecs/bencode' },
      { path: 'node_modules/bencode/' },
    ),
    forbid(
      'ships-without-tests',
      'What ships does not import what does not.',
      { path: '^src/' },
      { path: '^(test|examples|bench|docs)/' },
    ),
    forbid(
      'no-dev-dependencies',
      'A user does not have them.',
      { path: '^src/', pathNot: '^src/cli/' },
      devDependency(),
    ),
    forbid(
      'cli-bundles-two',
      'Only these are inlined into the command.',
      { path: '^src/cli/' },
      devDependency('commander', 'log-update'),
    ),
    forbid(
      'declared-dependencies',
      'A package that is not in package.json is there by accident.',
      { path: '^src/' },
      // `#fp/*` is fp-ts by another name, which the cruiser does not find in package.json.
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined'], pathNot: 'node_modules/fp-ts/' },
    ),
    forbid(
      'reachable',
      'Nothing that ships uses this module.',
      { path: entries },
      { path: '^src/', pathNot: entries, reachable: false },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'require', 'default'],
    },
  },
}
