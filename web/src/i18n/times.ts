/** Times in words, in the reader's own time zone. Pure: `now` is handed in. */
type Language = 'ko' | 'en';

const kMinute = 60_000;

const dayOf = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();

function daysBetween(earlier: Date, later: Date): number {
  return Math.round((dayOf(later) - dayOf(earlier)) / 86_400_000);
}

/** 오전 9:12. Newer locale data would say AM in Korean, too. */
export function clock(time: Date, language: Language): string {
  if (language === 'ko') {
    const hours = time.getHours();
    const minutes = String(time.getMinutes()).padStart(2, '0');
    return `${hours < 12 ? '오전' : '오후'} ${hours % 12 || 12}:${minutes}`;
  }
  return time.toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit' });
}

/** 방금 · 3분 전 · 오전 9:12 · 어제 · 11월 3일 · 2025년 12월 1일 */
export function ago(time: Date, now: Date, language: Language): string {
  const past = now.getTime() - time.getTime();
  const english = language === 'en';
  if (past < kMinute) return english ? 'just now' : '방금';
  const minutes = Math.floor(past / kMinute);
  const days = daysBetween(time, now);
  if (minutes < 60 && days === 0) return english ? `${minutes} min ago` : `${minutes}분 전`;
  if (days === 0) return clock(time, language);
  if (days === 1) return english ? 'Yesterday' : '어제';
  const sameYear = time.getFullYear() === now.getFullYear();
  return time.toLocaleDateString(language, {
    month: english ? 'short' : 'long',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** 오늘 · 어제 · 11월 3일 월요일 */
export function dayName(time: Date, now: Date, language: Language): string {
  const days = daysBetween(time, now);
  if (days === 0) return language === 'en' ? 'Today' : '오늘';
  if (days === 1) return language === 'en' ? 'Yesterday' : '어제';
  const sameYear = time.getFullYear() === now.getFullYear();
  return time.toLocaleDateString(language, {
    month: 'long',
    day: 'numeric',
    weekday: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}
