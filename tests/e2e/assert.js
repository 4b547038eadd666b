// The assertions of the scenarios, in every host.

export { assert } from 'chai';

/** What a promise is rejected with. @param {Promise<unknown>} promise */
export const rejection = (promise) =>
  promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error) => error,
  );
