import { defineConfig } from 'vitest/config';
import { linkMutants } from './test/link/mutants/plugin.ts';

/**
 * Three projects: what runs in one process, on the sources; what starts real nodes, on the build, one file at a time; and what
 * reads the sources and documents themselves (part of `make check`).
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [linkMutants()],
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/processes/**', 'test/house/**'],
          pool: 'threads',
          isolate: false,
          // For what hangs, not for what is slow: a busy machine takes ten times as long.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'processes',
          include: ['test/processes/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'house',
          include: ['test/house/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
        },
      },
    ],
  },
});
