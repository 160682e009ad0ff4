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

// A file of a workspace or a sysroot may be a device, a FIFO or without an end: engine/files knows what to do with it.
const FS = '^(node:)?fs(/promises)?$';
const READERS = {
  regex: FS,
  importNames: [
    'default',
    'promises',
    ...['open', 'readFile', 'opendir', 'readdir', 'copyFile', 'cp'].flatMap((name) => [name, `${name}Sync`]),
    'createReadStream',
    'openAsBlob',
  ],
  message: 'read files and directories through engine/files: it takes regular files only, and counts',
};

const forbid = (files, names, message, ignores = []) => ({
  files,
  ignores,
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ regex: `^(${names.join('|')})$`, message }, READERS] }],
  },
});

const PROCESS = ['(node:)?child_process', '(node:)?cluster'];
const PROCESS_AND_NETWORK = [...PROCESS, '(node:)?net', '(node:)?tls', '(node:)?http'];

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
    files: ['client/**/*.ts', 'server/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [READERS] }] },
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
          selector: 'MemberExpression[object.property.name="fs"][property.name=/^read(File|Directory)$/]',
          message: 'Files are read through engine/files: it takes regular files only, and counts.',
        },
        {
          selector: 'MemberExpression[property.name="openTextDocument"]',
          message: 'What is read by us is read through engine/files.',
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
  // The scripts that are no TypeScript run before anything is built, by who already runs what the project holds.
  forbid(
    ['client/**/*.ts', 'server/**/*.ts', 'engine/**/*.ts'],
    PROCESS,
    'programs are found and started by engine/base/startProgram.ts alone',
    ['engine/base/startProgram.ts'],
  ),
  // Scripts read what the project itself holds.
  {
    files: ['scripts/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(${PROCESS.join('|')})$`,
              message: 'programs are found and started by engine/base/startProgram.ts alone',
            },
          ],
        },
      ],
    },
  },
  forbid(
    ['server/**/*.ts'],
    [...PROCESS, '.*/startProgram'],
    'the language server starts no program: it also serves workspaces that are not trusted',
  ),
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
    [
      'vscode',
      'vscode-languageserver',
      'vscode-languageserver/.*',
      ...PROCESS_AND_NETWORK,
      '(node:)?fs.*',
      '.*/startProgram',
    ],
    'the language service takes vscode-languageserver-types and -textdocument only, and no file system',
  ),
  forbid(
    ['engine/**/*.ts', 'client/targets/**/*.ts', 'client/kernel/**/*.ts', 'client/build/**/*.ts'],
    ['vscode', 'vscode-.*', 'ssh2', ...PROCESS],
    'targets, kernel and build are plain Node; only targets/ssh2*.ts imports ssh2, and engine/base/startProgram.ts child_process',
    ['client/targets/ssh2*.ts', 'engine/base/startProgram.ts'],
  ),
  {
    files: ['engine/files/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: `^(vscode(-.*)?|ssh2|${PROCESS.join('|')})$` }] },
      ],
    },
  },
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
