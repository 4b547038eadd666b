// Whether anything that all code of a page shares was changed: the prototypes and the functions on their constructors.

const kShared = { Object, Function, Array, Promise, Map, Set, String, Number, Error, Uint8Array, ArrayBuffer, WebAssembly, Reflect, JSON, Math, Symbol };

/** Every object that is shared, with its name. @type {[string, object][]} */
const objects = Object.entries(kShared).flatMap(([name, value]) => [
  [name, value],
  .../** @type {[string, object][]} */ (/** @type {any} */ (value).prototype ? [[`${name}.prototype`, /** @type {any} */ (value).prototype]] : []),
]);

const valuesOf = (object) => Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)?.value]);

const before = objects.map(([name, object]) => /** @type {const} */ ([name, object, new Map(valuesOf(object))]));

/** What was added or replaced since this file was loaded, in words; empty if nothing was. @returns {string[]} */
export function changedPrototypes() {
  return before.flatMap(([name, object, values]) => {
    const now = valuesOf(object);
    const changed = now.filter(([key, value]) => !values.has(key) || !Object.is(values.get(key), value)).map(([key]) => `${name}.${String(key)}`);
    return now.length < values.size ? [...changed, `${name} has lost a property`] : changed;
  });
}
