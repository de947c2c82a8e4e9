/** For a stream that must not fail: an error of it fails the run. */
export const rethrow = (thrown: unknown): void => {
  throw thrown
}
