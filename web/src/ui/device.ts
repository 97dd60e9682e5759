/** The names of devices: told to the server at the log-in, shown in the list of devices. */
type Language = 'ko' | 'en';
type Names = readonly (readonly [RegExp, string, string?])[];

/** What tells it, its name, and what Koreans call it. The first that fits counts. */
const kSystems: Names = [
  [/iPhone/, 'iPhone', '아이폰'],
  [/iPad/, 'iPad', '아이패드'],
  [/Android/, 'Android', '안드로이드 폰'],
  [/Windows/, 'Windows'],
  [/Mac OS|^Mac$/, 'Mac'],
  [/CrOS/, 'Chromebook', '크롬북'],
  [/Linux/, 'Linux'],
];
const kBrowsers: Names = [
  [/KAKAOTALK/i, 'KakaoTalk', '카카오톡'],
  [/NAVER/, 'NAVER', '네이버 앱'],
  [/SamsungBrowser|^Samsung Internet$/, 'Samsung Internet', '삼성 인터넷'],
  [/Whale/, 'Whale', '웨일'],
  [/Edg/, 'Edge'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
];
const kBetween = ' · ';

const find = (names: Names, text: string) => names.find(([pattern]) => pattern.test(text));

/** "Windows · Chrome"; nothing of what else a browser says of itself. */
export function deviceName(agent: string): string {
  const parts = [find(kSystems, agent)?.[1], find(kBrowsers, agent)?.[1]];
  return parts.filter(Boolean).join(kBetween) || 'Web';
}

/** Windows의 Chrome · Chrome on Windows. A name that somebody chose stays what it is. */
export function deviceWords(device: string, language: Language): string {
  const agent = device.startsWith('Mozilla/');
  const [system = '', browser = ''] = (agent ? deviceName(device) : device).split(kBetween);
  const [s, b] = [find(kSystems, system), find(kBrowsers, browser)];
  const ours = s?.[1] === system && b?.[1] === browser;
  if (!ours) return agent ? deviceName(device) : device;
  return language === 'ko' ? `${s[2] ?? system}의 ${b[2] ?? browser}` : `${browser} on ${system}`;
}
