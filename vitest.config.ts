import { defineConfig } from 'vitest/config';

/**
 * Three projects: what runs in one process, on the sources; what starts real nodes, on the build, one file at a time; and what
 * reads the sources and documents themselves (part of `make check`).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/processes/**', 'test/house/**'],
          pool: 'threads',
          isolate: false,
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
