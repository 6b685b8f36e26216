// What several pages share: states, ages, tables, buttons that act, and what is shown while data is loaded.
import { html, useEffect, useLayoutEffect, useState } from './lib/preact.js';
import { Refusal } from './api.js';
import { ageOf, count, duration, plain, relative } from './format.js';
import { live, subscribe } from './live.js';
import { t, tOr } from './text.js';

const MILD = new Set(['slow', 'blocked', 'paused', 'starting', 'retrying', 'pending', 'delivering', 'superseded', 'filtered', 'settling', 'running']);
const GOOD = new Set(['ok', 'delivered', 'ended']);

/** ok, mild or bad: how much a state needs somebody. */
export function weight(state) {
  return GOOD.has(state) ? 'ok' : MILD.has(state) ? 'mild' : 'bad';
}

export function State({ word }) {
  return html`<span class=${'state ' + weight(word)}>${tOr('state.' + word, plain(word))}</span>`;
}

/** Foreign text: one line, its direction kept to itself. */
export function Foreign({ text, mono }) {
  return html`<bdi class=${mono ? 'mono' : ''}>${plain(text)}</bdi>`;
}

/** Renders again when the node has told something new. */
export function useLive() {
  const [, again] = useState(0);
  useEffect(() => subscribe(() => again((n) => n + 1)), []);
  return live();
}

/** Renders again each second, for ages. */
export function useNow() {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Ago({ time }) {
  const now = useNow();
  return html`<time datetime=${time || ''} title=${time || ''}>${relative(time, now)}</time>`;
}

export function Since({ time }) {
  const now = useNow();
  if (!time) return null;
  return html`<time class="since" datetime=${time} title=${time}>${t('since', { age: duration(Math.max(0, ageOf(time, now))) })}</time>`;
}

const NOTHING = { data: undefined, error: null };

/**
 * Loads something, again when `deps` change and `everyMillis` after each answer. `load` gets a signal, which ends its requests when the
 * page is left or asks for something else: they would hold up those of the next page. Nothing is loaded while `load` is false.
 *
 * Returns `{ data, error, again }`; the data of before stays while it is loaded again.
 */
export function useLoad(load, deps, everyMillis) {
  const [state, set] = useState(NOTHING);
  const [round, next] = useState(0);
  // Before the page is drawn, so that its requests are on their way meanwhile.
  useLayoutEffect(() => set(NOTHING), deps);
  useLayoutEffect(() => {
    const left = new AbortController();
    let timer = null;
    const settle = (result) => {
      if (left.signal.aborted) return;
      set(result);
      if (everyMillis) timer = setTimeout(() => next((n) => n + 1), everyMillis);
    };
    if (load) {
      load(left.signal).then(
        (data) => settle({ data, error: null }),
        (error) => settle((was) => ({ data: was.data, error })),
      );
    }
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [...deps, round]);
  return { ...state, again: () => next((n) => n + 1) };
}

export function reasonOf(error) {
  if (error instanceof Refusal && error.status === 0) return t('error.unreachable');
  return plain(error && error.message);
}

/** What is shown in place of data that is not there; `text` says so of data that takes longer than the rest of its page. */
export function Missing({ of, text }) {
  if (of.error) return html`<p class="problem" role="alert">${t('error', { reason: reasonOf(of.error) })} <button onClick=${of.again}>${t('reload')}</button></p>`;
  return html`<p class="quiet" role=${text ? 'status' : undefined}>${text || t('loading')}</p>`;
}

/**
 * A table that can be scrolled sideways.
 *
 * @param columns `[{ name, number, value: row => …, hide: row => bool }]`
 */
export function Table({ label, columns, rows, rowKey, rowClass }) {
  return html`<div class="table" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead><tr>${columns.map((c) => html`<th scope="col" class=${c.number ? 'number' : ''}>${c.name}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${rowKey(row)} class=${rowClass ? rowClass(row) : ''}>
        ${columns.map((c) => html`<td class=${(c.number ? 'number ' : '') + (c.wide ? 'wide' : '')}>${c.value(row)}</td>`)}
      </tr>`)}</tbody>
    </table>
  </div>`;
}

/** A count that is quiet when it is 0. */
export function N({ of, bad, href }) {
  const text = count(of);
  if (!of) return html`<span class="quiet">${text}</span>`;
  const shown = html`<span class=${bad ? 'bad-text' : ''}>${text}</span>`;
  return href ? html`<a href=${href}>${shown}</a>` : shown;
}

export function flowPath(flow) {
  return '/console/flows/' + encodeURIComponent(flow);
}

export function changePath(flow, sequence) {
  return '/console/changes/' + encodeURIComponent(flow) + '/' + sequence;
}

export function TargetName({ flow, target }) {
  return html`<a class="name" href=${flowPath(flow)}><${Foreign} text=${flow} /><span class="quiet">/</span><${Foreign} text=${target} /></a>`;
}

export function Command({ text }) {
  const [copied, set] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      set(true);
    } catch (e) {
      // a browser without clipboard: the text can be selected
    }
  }
  return html`<div class="command"><code>${text}</code>
    <button type="button" class="small" onClick=${copy}>${copied ? t('copied') : t('copy')}</button></div>`;
}

/** A page's head. */
export function Title({ children, aside }) {
  return html`<div class="title"><h1 tabindex="-1">${children}</h1>${aside}</div>`;
}

export function Section({ title, aside, children }) {
  return html`<section><div class="section-head"><h2>${title}</h2>${aside}</div>${children}</section>`;
}

export function Bar({ done, failed, all }) {
  const part = (n) => (all > 0 ? Math.min(100, (100 * n) / all) : 0);
  return html`<span class="bar" role="progressbar" aria-label=${t('c.progress')} aria-valuemin="0" aria-valuemax=${all} aria-valuenow=${done + failed}>
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-done" x="0" y="0" height="8" width=${part(done)} />
      <rect class="bar-failed" x=${part(done)} y="0" height="8" width=${part(failed)} />
    </svg></span>`;
}
