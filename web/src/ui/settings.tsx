import { useLocation } from 'wouter';
import { useSay } from '../i18n';
import { Devices, Erase, Export, LogOut, Password, Profile } from './account';
import { useApp } from './context';
import { Choice, Sheet } from './parts';
import { prefer, usePreferences } from './preferences';

function Look() {
  const say = useSay();
  const { size, theme, enter, list, language } = usePreferences();
  return (
    <>
      <Choice
        legend={say('textSize')}
        value={size}
        options={[
          [1, say('size1')],
          [2, say('size2')],
          [3, say('size3')],
          [4, say('size4')],
          [5, say('size5')],
        ]}
        onChange={(next) => prefer({ size: next })}
      />
      <p className="sample">{say('sample')}</p>
      <Choice
        legend={say('theme')}
        value={theme}
        options={[
          ['auto', say('auto')],
          ['light', say('light')],
          ['dark', say('dark')],
          ['contrast', say('contrast')],
        ]}
        onChange={(next) => prefer({ theme: next })}
      />
      <Language language={language} />
      <Choice
        legend={say('enterKey')}
        value={enter}
        options={[
          ['send', say('enterSends')],
          ['break', say('enterBreaks')],
        ]}
        onChange={(next) => prefer({ enter: next })}
      />
      <Choice
        legend={say('listMode')}
        value={list}
        options={[
          ['normal', say('listNormal')],
          ['simple', say('listSimple')],
        ]}
        onChange={(next) => prefer({ list: next })}
      />
    </>
  );
}

function Language({ language }: { language: 'ko' | 'en' }) {
  const say = useSay();
  const { api, chat } = useApp();
  const choose = (next: 'ko' | 'en') => {
    prefer({ language: next });
    // For what the server writes to him; this device goes by its own choice.
    api.changeMe({ locale: next }).then((me) => chat.setMe(me), () => undefined);
  };
  return (
    <Choice
      legend={say('language')}
      value={language}
      options={[
        ['ko', '한국어'],
        ['en', 'English'],
      ]}
      onChange={choose}
    />
  );
}

export default function Settings() {
  const say = useSay();
  const [, go] = useLocation();
  return (
    <Sheet title={say('settings')} onClose={() => go('/')}>
      <Look />
      <h3 className="section">{say('profile')}</h3>
      <Profile />
      <Password />
      <Export />
      <h3 className="section">{say('devices')}</h3>
      <Devices />
      <div className="section-end">
        <LogOut />
        <Erase />
      </div>
    </Sheet>
  );
}
