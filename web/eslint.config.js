import js from '@eslint/js';
import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist', 'src/api/schema.ts', 'src/sw.js', 'eslint.config.js'] },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  a11y.flatConfigs.strict,
  {
    plugins: { 'react-hooks': hooks },
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['scripts/*.mjs', 'public/*.js'] }, tsconfigRootDir: new URL('.', import.meta.url).pathname },
    },
    rules: {
      ...hooks.configs.recommended.rules,
      'react-hooks/exhaustive-deps': 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'text only; nothing raw reaches the page' },
        { property: 'dangerouslySetInnerHTML', message: 'text only; nothing raw reaches the page' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['scripts/*.mjs'],
    ...ts.configs.disableTypeChecked,
    languageOptions: { globals: { Buffer: 'readonly', URL: 'readonly', console: 'readonly', process: 'readonly' } },
  },
  {
    files: ['public/*.js'],
    ...ts.configs.disableTypeChecked,
    languageOptions: { globals: { fetch: 'readonly', globalThis: 'readonly', location: 'readonly' } },
  },
);
