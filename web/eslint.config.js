import importX, { createNodeResolver } from 'eslint-plugin-import-x'
import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const only = (names, message) => ({ 'no-restricted-imports': ['error', { patterns: [{ group: names, message }] }] })

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', 'packages/api/src/schema.ts', '*.js'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.js'] })] },
    plugins: { 'import-x': importX, 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      'import-x/no-cycle': 'error',
      'max-lines': ['error', 500],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'react-hooks/set-state-in-effect': 'off', // a field follows the document's value: the effect is how it hears of it
    },
  },
  // Floors of the editor: the document knows no framework and no server; one folder knows the canvas library.
  { files: ['packages/document/**'], rules: only(['react*', '@xyflow/*', '@assay/*', 'zustand'], 'the document package knows no framework') },
  { files: ['packages/api/**'], rules: only(['react*', '@xyflow/*', '@assay/*'], 'the API package knows no framework') },
  {
    files: ['apps/studio/src/**'],
    ignores: ['apps/studio/src/canvas/**', 'apps/studio/src/main.tsx'],
    rules: only(['@xyflow/*', 'elkjs*'], 'only canvas/ knows the canvas library'),
  },
)
