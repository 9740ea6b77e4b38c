const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 240;
const HEIGHT = 48;

/** A small chart of the newest values; the newest is at the end of the line. */
export class Sparkline {
  readonly element = document.createElementNS(SVG, 'svg');
  readonly #line = document.createElementNS(SVG, 'polyline');
  readonly #most: number;
  #values: number[] = [];

  /** `most`: values that are kept. */
  constructor(label: string, most: number) {
    this.#most = most;
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('class', 'sparkline');
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', label);
    this.element.append(this.#line);
  }

  add(value: number): void {
    this.#values = [...this.#values, value].slice(-this.#most);
    const highest = Math.max(1, ...this.#values);
    const step = WIDTH / (this.#most - 1);
    const points = this.#values.map((each, index) => {
      const x = WIDTH - (this.#values.length - 1 - index) * step;
      return `${x.toFixed(1)},${(HEIGHT - 2 - (each / highest) * (HEIGHT - 4)).toFixed(1)}`;
    });
    this.#line.setAttribute('points', points.join(' '));
  }
}
