import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** One zone: files below `target` may not import what is below `from`. */
const zone = (target, from, message, except = []) => ({ target, from, message, except });

// The house's rules (ARCHITECTURE.md): which room may know which.
const zones = [
  zone('./kmod', './server', 'kmod knows no language server'),
  zone('./kmod', './client', 'kmod knows no client'),
  zone('./kmod', './engine', 'kmod knows no engine'),
  zone('./engine', './server', 'the engine knows no language server'),
  zone('./engine', './client', 'the engine knows no editor'),
  zone('./server', './client', 'server and client never import each other'),
  zone('./client', './server', 'the client shares only the protocol with the server', ['./protocol.ts']),
  zone('./server/language/analysis', './server/language/features', 'features -> analysis -> kmod'),
  zone('./server/language', './server/server.ts', 'the language service knows no connection'),
  zone('./server/language', './server/protocol.ts', 'the language service knows no connection'),
  zone('./client/targets', './client/kernel', 'commands and views -> kernel -> targets'),
  zone('./client/targets', './client/build', 'commands and views -> kernel -> targets'),
  zone('./client/targets', './client/commands', 'commands and views -> kernel -> targets'),
  zone('./client/targets', './client/views', 'commands and views -> kernel -> targets'),
  zone('./client/kernel', './client/commands', 'commands and views -> kernel -> targets'),
  zone('./client/kernel', './client/views', 'commands and views -> kernel -> targets'),
  zone('./client/build', './client/commands', 'commands and views -> build'),
  zone('./client/build', './client/views', 'commands and views -> build'),
];

const forbid = (files, names, message, ignores = []) => ({
  files,
  ignores,
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ regex: `^(${names.join('|')})$`, message }] }],
  },
});

const PROCESS_AND_NETWORK = ['(node:)?child_process', '(node:)?net', '(node:)?tls', '(node:)?http'];

// What is put into prose`…` stands between words of our own: it is escaped as such, which holds neither inside of code
// nor in the target of a link.
const PROSE = [
  {
    selector:
      'TaggedTemplateExpression[tag.name="prose"] TemplateElement[value.raw=/^(?:[^`]*`[^`]*`)*[^`]*`[^`]*$/]',
    message: 'Text inside of code is code(…).',
  },
  {
    selector: 'TaggedTemplateExpression[tag.name="prose"] TemplateElement[value.raw=/\\]\\(|<|!\\[/]',
    message: 'A link is a fileLink() or a commandLink(); there is no HTML, and no picture.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', '.tsbuild/', '.cache/', 'node_modules/', 'samples/', 'test-results/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['client/**/*.ts'],
    ignores: ['client/views/say.ts', 'client/views/markdownString.ts', 'client/views/logChannel.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name=/^show(Information|Warning|Error)Message$/]',
          message: 'Notifications make links of text: say it through client/views/say.ts.',
        },
        {
          selector: 'NewExpression > MemberExpression[property.name="MarkdownString"]',
          message:
            'Markdown makes links of text: it is made of prose`…` by markdownString(), or a textTooltip().',
        },
        {
          selector: 'MemberExpression[property.name="createOutputChannel"]',
          message: 'A log shows control characters: it is a createLogChannel().',
        },
        ...PROSE,
      ],
    },
  },
  { files: ['kmod/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...PROSE] } },
  {
    files: ['server/**/*.ts'],
    ignores: ['server/language/markdown.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name="MarkupKind"][property.name="Markdown"]',
          message: 'Markdown is made of prose`…` by markupOf().',
        },
        {
          selector: 'Property[key.name="kind"] > Literal[value="markdown"]',
          message: 'Markdown is made of prose`…` by markupOf().',
        },
        ...PROSE,
      ],
    },
  },
  forbid(
    ['kmod/**/*.ts'],
    ['vscode', 'vscode-.*', 'elfy', ...PROCESS_AND_NETWORK, '(node:)?fs.*'],
    'kmod is plain TypeScript: no editor, protocol, file system, process or network; only elf.ts imports elfy',
    ['kmod/elf.ts'],
  ),
  forbid(
    ['kmod/elf.ts'],
    ['vscode', 'vscode-.*', ...PROCESS_AND_NETWORK, '(node:)?fs.*'],
    'kmod is plain TypeScript',
  ),
  forbid(
    ['server/language/**/*.ts'],
    ['vscode', 'vscode-languageserver', 'vscode-languageserver/.*', ...PROCESS_AND_NETWORK, '(node:)?fs.*'],
    'the language service takes vscode-languageserver-types and -textdocument only, and no file system',
  ),
  forbid(
    ['engine/**/*.ts', 'client/targets/**/*.ts', 'client/kernel/**/*.ts', 'client/build/**/*.ts'],
    ['vscode', 'vscode-.*', 'ssh2'],
    'targets, kernel and build are plain Node; only targets/ssh2*.ts imports ssh2',
    ['client/targets/ssh2*.ts'],
  ),
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        document: 'readonly',
        window: 'readonly',
      },
    },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
);
