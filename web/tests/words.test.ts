import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import en from '../src/i18n/en.json';
import ko from '../src/i18n/ko.json';
import { ago, dayName } from '../src/i18n/times';

describe('words', () => {
  it('are the same in both languages, with the same gaps', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(ko).sort());
    const gaps = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((found) => found[1]).sort();
    for (const [word, text] of Object.entries(ko)) {
      expect(gaps(en[word as keyof typeof en]), word).toEqual(gaps(text));
    }
  });
});

describe('every word', () => {
  const files = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? files(path) : /\.tsx?$/.test(path) ? [path] : [];
    });
  const source = files(fileURLToPath(new URL('../src', import.meta.url))).map((f) => readFileSync(f, 'utf8')).join();
  it.each(Object.keys(ko))('%s is said somewhere', (word) => expect(source).toContain(`'${word}'`));
});

describe('times', () => {
  const now = new Date(2026, 10, 22, 15, 0);
  it.each([
    [new Date(2026, 10, 22, 14, 59, 30), '방금'],
    [new Date(2026, 10, 22, 14, 57), '3분 전'],
    [new Date(2026, 10, 22, 9, 12), '오전 9:12'],
    [new Date(2026, 10, 21, 23, 0), '어제'],
    [new Date(2026, 10, 3), '11월 3일'],
    [new Date(2025, 11, 1), '2025년 12월 1일'],
    [new Date(2026, 10, 22, 16, 0), '방금'],
  ])('%s is %s', (time, words) => expect(ago(time, now, 'ko')).toBe(words));
  it('days have names', () => {
    expect(dayName(new Date(2026, 10, 22), now, 'ko')).toBe('오늘');
    expect(dayName(new Date(2026, 10, 3), now, 'ko')).toBe('11월 3일 화요일');
  });
});
