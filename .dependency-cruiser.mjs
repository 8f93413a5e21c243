// The arrows of the packages point down only: core <- store <- projections <- engine <- server <- mcp <- cli.
const LAYERS = ['core', 'store', 'projections', 'engine', 'server', 'mcp', 'cli']

// Unit tests sit beside their file and are allowed what test/ is allowed.
const PRODUCT = String.raw`^packages/[^/]+/(src|bin)/(?!.*\.test\.ts$)`
const product = (/** @type {string} */ layer) => PRODUCT.replace('[^/]+', layer)

const arrows = LAYERS.slice(0, -1).map((layer, place) => ({
  name: `arrows-point-down-from-${layer}`,
  comment: `${layer} knows nothing of ${LAYERS.slice(place + 1).join(', ')}.`,
  severity: 'error',
  from: { path: product(layer) },
  to: { path: `^packages/(${LAYERS.slice(place + 1).join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...arrows,
    {
      name: 'the-page-stands-alone',
      comment: 'Programs serve what is built of the page; nothing imports its sources.',
      severity: 'error',
      from: { pathNot: '^packages/web/' },
      to: { path: '^packages/web/' },
    },
    {
      name: 'the-page-takes-types-only',
      comment: 'A browser loads the page: what a package of the product does stays on the server.',
      severity: 'error',
      from: { path: '^packages/web/src/' },
      to: { path: '^packages/(?!web/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle hides which part owns what.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-deep-imports',
      comment: 'Another package is reached by its name and exports, never by a path into it.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/(src|bin)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'core-imports-only-zod',
      comment: 'The laws are pure: no I/O, no clock, no streams.',
      severity: 'error',
      from: { path: product('core') },
      to: { pathNot: [`^packages/core/src/`, '/node_modules/zod/'] },
    },
    {
      name: 'product-never-imports-tests-or-tools',
      comment: 'What is published must work without the workspace around it.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { path: [String.raw`\.test\.ts$`, '^(test|scripts|bench|demo)/'] },
    },
    {
      name: 'product-never-imports-dev-dependencies',
      comment: 'A devDependency is absent where the package is installed.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'everything-resolves',
      comment: 'A path past the exports of a package resolves to nothing.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^packages/[^/]+/dist/', '^coverage/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
