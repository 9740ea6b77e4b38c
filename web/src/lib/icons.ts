/** Outlines on a grid of 24; drawn with the text colour. */
const OUTLINES = {
  talk: 'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3',
  dictate: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  files: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  voices: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4',
  monitor: 'M3 17l5-6 4 4 5-8 4 5M3 21h18',
  tryIt: 'M8 6l-5 6 5 6M16 6l5 6-5 6M13 4l-2 16',
  stop: 'M7 7h10v10H7z',
  key: 'M8 15a4 4 0 1 1 3.5-5.9L20 9v4h-3v3h-3v-3h-2.5A4 4 0 0 1 8 15z',
  theme: 'M12 4v16a8 8 0 0 0 0-16zM12 4a8 8 0 0 0 0 16',
  play: 'M8 5l11 7-11 7z',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5',
  edit: 'M4 20h4L19 9l-4-4L4 16z',
  upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
} as const;

export type IconName = keyof typeof OUTLINES;

const SVG = 'http://www.w3.org/2000/svg';

/** An icon. Screen readers pass over it: the label beside it says what it means. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', OUTLINES[name]);
  svg.append(path);
  return svg;
}
