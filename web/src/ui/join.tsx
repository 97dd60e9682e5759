import { useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../api/http';
import { useSay } from '../i18n';
import { useApp } from './context';
import { Sheet } from './parts';

export default function Join({ code }: { code: string }) {
  const say = useSay();
  const { api, chat } = useApp();
  const [, go] = useLocation();
  const [wrong, setWrong] = useState('');
  const join = async () => {
    try {
      const room = await api.join(code);
      await chat.loadList();
      go(`/rooms/${room.id}`, { replace: true });
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setWrong(say(failure.status === 404 ? 'joinBad' : 'failed'));
    }
  };
  return (
    <Sheet kind="menu" title={say('joinTitle')} onClose={() => go('/')}>
      {wrong && (
        <p className="form-error" role="alert">
          {wrong}
        </p>
      )}
      <button type="button" className="button primary wide" onClick={() => void join()}>
        {say('joinNow')}
      </button>
    </Sheet>
  );
}
