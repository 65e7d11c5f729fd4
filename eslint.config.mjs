import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['lib/', 'build*/', '**/.build/', 'docs/reference/', '.tap/'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.mts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['**/*.ts', '**/*.mts', '**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unused-expressions': ['error', { allowTernary: true, allowShortCircuit: true }],
      eqeqeq: 'error',
      // An AbortSignal's reason is the user's: it is passed on whatever it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // Methods of async iterators return promises whether they wait or not.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'off',
    },
  },
);
