import { describe, expect, it } from 'vitest';
import { deviceName, deviceWords } from '../src/ui/device';

const windows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const galaxy =
  'Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

describe('the name of a device', () => {
  it.each([
    [windows, 'Windows · Chrome', 'Windows의 Chrome', 'Chrome on Windows'],
    [galaxy, 'Android · Samsung Internet', '안드로이드 폰의 삼성 인터넷', 'Samsung Internet on Android'],
    [iphone, 'iPhone · Safari', '아이폰의 Safari', 'Safari on iPhone'],
    [`${windows} Edg/126.0`, 'Windows · Edge', 'Windows의 Edge', 'Edge on Windows'],
  ])('%s', (agent, name, ko, en) => {
    expect(deviceName(agent)).toBe(name);
    for (const told of [agent, name]) {
      expect(deviceWords(told, 'ko')).toBe(ko);
      expect(deviceWords(told, 'en')).toBe(en);
    }
  });
  it('that somebody chose stays', () => {
    expect(deviceWords('민지의 전화기', 'ko')).toBe('민지의 전화기');
    expect(deviceWords('curl', 'en')).toBe('curl');
    expect(deviceWords('Mozilla/5.0 (Toaster)', 'ko')).toBe('Web');
  });
});
