import { Field } from './fields';
import { Avatar, Choice, Icon, Skeleton, Trouble } from './parts';
import { LinkedText } from './linked_text';
import { Marked } from './search';
import { prefer, usePreferences } from './preferences';
import { tell } from './notices';

/** Parts in their states, beside each other: /gallery. Not linked from anywhere. */
export default function Gallery() {
  const { theme, size } = usePreferences();
  return (
    <main className="page-narrow gallery">
      <h1 className="wordmark">Gallery</h1>
      <Choice
        legend="Theme"
        value={theme}
        options={[
          ['auto', 'auto'],
          ['light', 'light'],
          ['dark', 'dark'],
          ['contrast', 'contrast'],
        ]}
        onChange={(next) => prefer({ theme: next })}
      />
      <Choice
        legend="Size"
        value={size}
        options={[
          [1, '1'],
          [3, '3'],
          [5, '5'],
        ]}
        onChange={(next) => prefer({ size: next })}
      />
      <h2>Buttons</h2>
      <p className="gallery-row">
        <button type="button" className="button primary">
          <Icon name="plus" />새 대화
        </button>
        <button type="button" className="button">그만두기</button>
        <button type="button" className="button danger">나가기</button>
        <button type="button" className="button primary" disabled>
          보내는 중
        </button>
        <button type="button" className="button" onClick={() => tell('메시지를 지웠어요', { label: '되돌리기', run: () => undefined })}>
          알림 보기
        </button>
      </p>
      <h2>Fields</h2>
      <Field label="이름" hint="다른 분들에게 보이는 이름이에요">
        {(ids) => <input {...ids} className="input" defaultValue="김민지" />}
      </Field>
      <Field label="아이디" error="이미 쓰고 있는 아이디예요. 다른 아이디를 적어 주세요.">
        {(ids) => <input {...ids} className="input" defaultValue="minji" />}
      </Field>
      <h2>Messages</h2>
      <div className="gallery-messages">
        {['theirs', 'mine'].map((side) => (
          <article key={side} className={`message ${side} first`}>
            {side === 'theirs' && <Avatar name="박영호" id="3" />}
            <div className="message-main">
              {side === 'theirs' && <p className="sender">박영호</p>}
              <div className="bubble-line">
                <div className="bubble">
                  <p className="text">
                    <LinkedText text="봄 소풍 안내예요: https://example.org/spring. 꼭 오세요!" />
                  </p>
                </div>
              </div>
              <p className="meta">오전 9:12 {side === 'mine' && '읽음'}</p>
            </div>
          </article>
        ))}
        <article className="message mine first">
          <div className="message-main">
            <div className="bubble-line">
              <div className="bubble gone">
                <p className="text">지운 메시지예요</p>
              </div>
            </div>
            <div className="bubble-line">
              <div className="bubble waiting">
                <p className="text">곧 보낼 글이에요</p>
              </div>
            </div>
            <p className="meta">보내는 중</p>
            <div className="bubble-line">
              <div className="bubble failed">
                <p className="text">보내지 못한 글이에요</p>
              </div>
            </div>
            <div className="failed-line">
              <p>
                <b>보내지 못했어요</b> 이 대화방에는 지금 메시지를 보낼 수 없어요.
              </p>
              <button type="button" className="button small">다시 보내기</button>
            </div>
          </div>
        </article>
        <h3 className="day">
          <span>11월 3일 월요일</span>
        </h3>
        <p className="unread-line">
          <span>여기까지 읽으셨어요</span>
        </p>
      </div>
      <h2>Search</h2>
      <p>
        <Marked text="온라인커뮤니티에서 만나요" highlights={[[3, 4]]} />
      </p>
      <h2>Loading, trouble, nothing</h2>
      <Skeleton rows={2} />
      <Trouble text="대화를 불러오지 못했어요. 잃어버린 것은 없어요." retry={() => undefined} />
      <p className="nothing">찾는 말이 들어간 메시지가 없어요.</p>
    </main>
  );
}
