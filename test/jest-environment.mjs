// Jest's environment for Node with one repair: jest-circus makes an AsyncLocalStorage for each test
// file and leaves it enabled, and in Node 20 every promise carries one entry for each enabled
// storage. After a hundred files in one process, a test of many promises takes ten times as long.
// So the storages of a file are disabled at its end. JavaScript, because Jest loads it before it
// can transform TypeScript.
import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** @type {Set<AsyncLocalStorage<unknown>>} */
const used = new Set();
const run = Reflect.get(AsyncLocalStorage.prototype, 'run');

AsyncLocalStorage.prototype.run = /** @type {typeof run} */ (
  /**
   * @this {AsyncLocalStorage<unknown>}
   * @param {unknown[]} args
   */
  function runRemembered(...args) {
    used.add(this);
    return Reflect.apply(run, this, args);
  }
);

export default class CleanedEnvironment extends TestEnvironment {
  /** @override */
  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
}
