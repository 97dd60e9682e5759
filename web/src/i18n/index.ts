import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import en from './en.json';
import ko from './ko.json';

export type Word = keyof typeof ko;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

export function startWords(language: 'ko' | 'en'): void {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'ko',
    resources: { ko: { translation: ko }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
}

export function speak(language: 'ko' | 'en'): void {
  if (i18next.language !== language) void i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export const say: Say = (word, values) => i18next.t(word, values ?? {});

export function useSay(): Say {
  const { t } = useTranslation();
  return (word, values) => t(word, values ?? {});
}
