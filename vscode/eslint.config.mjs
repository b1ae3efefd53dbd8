import tseslint from 'typescript-eslint';
import shared from '../eslint.config.mjs';

export default tseslint.config(
  { ignores: ['bundled/', 'dist/'] },
  // What the repository's configuration leaves out is said in folders of the repository.
  ...shared.filter(part => !part.ignores),
  { languageOptions: { parserOptions: { tsconfigRootDir: import.meta.dirname } } },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json' } }
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test's `describe` and `it` give promises that nobody has to wait for.
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: ['describe', 'it'] }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off'
    }
  }
);
