import { Fragment } from 'react';

const kLink = /\bhttps?:\/\/[^\s<>"'`]+/g;
const kTrailing = /[.,!?:;)\]}’”]+$/;

/** Only what is plainly http or https becomes a link; it never learns where it was clicked. */
export function LinkedText({ text }: { text: string }) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(kLink)) {
    const url = found[0].replace(kTrailing, '');
    if (!URL.canParse(url)) continue;
    parts.push(<Fragment key={at}>{text.slice(at, found.index)}</Fragment>);
    parts.push(
      <a key={`a${found.index}`} href={url} target="_blank" rel="noopener noreferrer nofollow">
        {url}
      </a>,
    );
    at = found.index + url.length;
  }
  parts.push(<Fragment key={at}>{text.slice(at)}</Fragment>);
  return <>{parts}</>;
}
