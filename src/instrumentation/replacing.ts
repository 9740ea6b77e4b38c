/** `target` with some of its properties replaced. All others stay its own, those that change as well. */
export function replacing<T extends object>(target: T, replacements: Partial<T>): T {
  return new Proxy(target, {
    get(object, name) {
      const source = Object.hasOwn(replacements, name) ? replacements : object;
      const value: unknown = Reflect.get(source, name, source);
      return typeof value === 'function' ? (value.bind(source) as unknown) : value;
    },
  });
}
