type AttributeValue = string | number | boolean | undefined;
export type Child = Node | string | null;

/** Creates an element. `false` and `undefined` leave an attribute out, `true` sets it empty. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(created, name, value);
  created.append(...children.filter((child) => child !== null));
  return created;
}

export function setAttribute(target: Element, name: string, value: AttributeValue): void {
  if (value === undefined || value === false) target.removeAttribute(name);
  else target.setAttribute(name, value === true ? '' : String(value));
}

/** A button that does not submit a form. */
export function button(
  label: Child,
  onClick: () => void,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): HTMLButtonElement {
  const created = element('button', { type: 'button', class: 'button', ...attributes }, label);
  created.addEventListener('click', onClick);
  return created;
}

/** Replaces all children. */
export function fill(target: Element, ...children: readonly Child[]): void {
  target.replaceChildren(...children.filter((child) => child !== null));
}
