import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Colours = Record<string, string>;

function themes(): Record<string, Colours> {
  const css = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
  const read = (selector: string): Colours => {
    const start = css.indexOf(`${selector} {`);
    const body = css.slice(start, css.indexOf('}', start));
    return Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));
  };
  const light = read(':root');
  return {
    light,
    dark: { ...light, ...read(":root[data-theme='dark']") },
    contrast: { ...light, ...read(":root[data-theme='contrast']") },
  };
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ratio(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ['surface', 'surface-raised', 'surface-sunken', 'accent-soft'];
const aaa: [string, string][] = [
  ...surfaces.map((surface): [string, string] => ['text', surface]),
  ['text', 'other-bubble'],
  ['own-text', 'own-bubble'],
  ['text-quiet', 'surface'],
  ['text-quiet', 'surface-raised'],
  ['link', 'surface'],
  ['link', 'other-bubble'],
  ['link', 'own-bubble'],
  ['warn-text', 'warn-soft'],
  ['mark-text', 'mark'],
  ['surface', 'text'],
];
const aa: [string, string][] = [
  ['accent-text', 'accent'],
  ['text-quiet', 'own-bubble'],
  ['text-quiet', 'accent-soft'],
  ['text-quiet', 'surface-sunken'],
  ['danger', 'surface'],
  ['danger', 'surface-raised'],
  ['danger', 'danger-soft'],
  ['danger', 'accent-soft'],
];
const parts: [string, string][] = [
  ['line-strong', 'surface'],
  ['line-strong', 'surface-raised'],
  ['accent', 'surface'],
  ['focus', 'surface'],
  ['focus', 'surface-raised'],
  ['danger', 'own-bubble'],
];

describe.each(Object.entries(themes()))('%s', (_name, colours) => {
  const check = (pairs: [string, string][], least: number) => {
    for (const [front, back] of pairs) {
      const got = ratio(colours[front]!, colours[back]!);
      expect(got, `${front} on ${back}: ${got.toFixed(2)}`).toBeGreaterThanOrEqual(least);
    }
  };
  it('texts are AAA', () => check(aaa, 7));
  it('buttons, small print and warnings are AA at least', () => check(aa, 4.5));
  it('borders of fields, marks and focus can be seen', () => check(parts, 3));
});
