// The console: log in, then one page for each address below /console/.
import { html, render, useEffect, useRef, useState } from './lib/preact.js';
import { navigate, useAddress } from './address.js';
import { get, onSessionEnd, post, Refusal, remove } from './api.js';
import { clock, plain } from './format.js';
import * as events from './live.js';
import { Command, reasonOf, useLive } from './parts.js';
import { choose, language, t } from './text.js';
import { Acting, VerbDialog } from './verbs.js';
import { ChangePage } from './pages/change.js';
import { FlowPage } from './pages/flow.js';
import { NowPage, sentence } from './pages/now.js';
import { OperationsPage } from './pages/operations.js';
import { RecordPage } from './pages/record.js';
import { ReconcilePage } from './pages/reconcile.js';
import { SourcesPage } from './pages/sources.js';
import { StuckPage } from './pages/stuck.js';

const THEMES = ['auto', 'light', 'dark'];
const THEME = 'serai.theme';
const ICON = new URL('icon.svg', import.meta.url).pathname;
const PAGES = [
  ['/console/', 'nav.now'],
  ['/console/stuck', 'nav.stuck'],
  ['/console/record', 'nav.record'],
  ['/console/sources', 'nav.sources'],
  ['/console/reconcile', 'nav.reconcile'],
  ['/console/operations', 'nav.operations'],
];

function themed(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(THEME, theme);
}

themed(THEMES.includes(localStorage.getItem(THEME)) ? localStorage.getItem(THEME) : 'auto');

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch (e) {
    return part;
  }
}

function pageOf(address) {
  const url = new URL(address, location.origin);
  const parts = url.pathname.replace(/^\/console\/?/, '').split('/').map(decoded);
  const parameters = url.searchParams;
  switch (parts[0]) {
    case '':
      return html`<${NowPage} />`;
    case 'stuck':
      return html`<${StuckPage} parameters=${parameters} />`;
    case 'record':
      return html`<${RecordPage} q=${parameters.get('q') || ''} />`;
    case 'sources':
      return html`<${SourcesPage} />`;
    case 'reconcile':
      return html`<${ReconcilePage} />`;
    case 'operations':
      return html`<${OperationsPage} />`;
    case 'flows':
      return parts.length === 2 ? html`<${FlowPage} key=${parts[1]} flow=${parts[1]} />` : html`<p>${t('not.found')}</p>`;
    case 'changes':
      return parts.length === 3 ? html`<${ChangePage} key=${parts[1] + '/' + parts[2]} flow=${parts[1]} sequence=${parts[2]} />` : html`<p>${t('not.found')}</p>`;
    default:
      return html`<p>${t('not.found')}</p>`;
  }
}

function Search() {
  const box = useRef(null);
  useEffect(() => {
    const key = (event) => {
      if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName) && !document.querySelector('dialog[open]')) {
        event.preventDefault();
        box.current.focus();
      }
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);
  function go(event) {
    event.preventDefault();
    const q = box.current.value.trim();
    if (q !== '') navigate('/console/record?q=' + encodeURIComponent(q));
  }
  return html`<form class="search" role="search" onSubmit=${go}>
    <input ref=${box} type="search" aria-label=${t('search')} placeholder=${t('search.hint')} maxlength="1000" /></form>`;
}

function Connection() {
  const now = useLive();
  if (now.connected || !now.status) return null;
  return html`<p class="lost" role="status">${now.at ? t('lost', { time: clock(new Date(now.at).toISOString()) }) : t('lost.never')}</p>`;
}

/** What the node cannot read: whatever a page shows is without it. */
function Missing() {
  const { status } = useLive();
  const unread = (status && status.ledger.unread) || [];
  return unread.map((one) => html`<p class="lost" role="status" key=${one.database}>${t('missing', { first: one.first, last: one.last, database: plain(one.database), time: clock(one.since) })}</p>`);
}

function Shell({ session, onLogout, onLanguage }) {
  const address = useAddress();
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  const [acting, setActing] = useState(null);
  const now = useLive();
  const path = address.split('?')[0];
  const main = useRef(null);
  useEffect(() => {
    document.title = now.status ? sentence(now.status) + ' · Serai' : 'Serai';
  });
  useEffect(() => {
    window.scrollTo(0, 0);
    const head = main.current && main.current.querySelector('h1');
    if (head) head.focus({ preventScroll: true });
  }, [path]);

  function changeTheme(event) {
    themed(event.target.value);
    setTheme(event.target.value);
  }
  return html`<${Acting.Provider} value=${{ session, show: setActing }}>
    <a class="skip" href="#main">${t('nav.skip')}</a>
    <header>
      <div class="head-line">
        <a class="brand" href="/console/"><span class=${'dot ' + (now.status ? (now.connected ? (now.status.ok ? 'ok' : 'bad') : 'mild') : 'mild')} aria-hidden="true"></span>Serai</a>
        <${Search} />
        <div class="settings">
          <select aria-label=${t('language')} value=${language()} onChange=${(e) => onLanguage(e.target.value)}>
            <option value="en">English</option><option value="zh">中文</option></select>
          <select aria-label=${t('theme')} value=${theme} onChange=${changeTheme}>${THEMES.map((name) => html`<option value=${name}>${t('theme.' + name)}</option>`)}</select>
          <span class="who" title=${t('role.' + session.role)}><bdi>${plain(session.name)}</bdi> <span class="quiet">${t('role.' + session.role)}</span></span>
          <button type="button" class="small" onClick=${onLogout}>${t('logout')}</button>
        </div>
      </div>
      <nav aria-label=${t('nav.main')}>${PAGES.map(([to, name]) => html`<a href=${to} aria-current=${path === to || (to !== '/console/' && path.startsWith(to)) ? 'page' : undefined}>${t(name)}</a>`)}</nav>
    </header>
    <${Connection} />
    <${Missing} />
    <main id="main" ref=${main} tabindex="-1">${pageOf(address)}</main>
    ${acting && html`<${VerbDialog} ...${acting} onClose=${() => setActing(null)} />`}
  </${Acting.Provider}>`;
}

function Login({ message, onLogin }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState(message);
  const [busy, setBusy] = useState(false);
  async function go(event) {
    event.preventDefault();
    setBusy(true);
    try {
      onLogin(await post('/console/session', { token: token.trim() }));
    } catch (e) {
      setError(reasonOf(e));
      setBusy(false);
    }
  }
  useEffect(() => {
    document.title = t('login.title') + ' · Serai';
  }, []);
  return html`<main class="login">
    <form onSubmit=${go}>
      <h1><img src=${ICON} alt="" width="28" height="28" /> Serai</h1>
      ${error && html`<p class="problem" role="alert">${error}</p>`}
      <input type="text" name="username" autocomplete="username" value="serai" hidden />
      <label>${t('login.token')}<input type="password" required autofocus autocomplete="current-password" value=${token} onInput=${(e) => setToken(e.target.value)} /></label>
      <button class="primary" disabled=${busy}>${t('login.go')}</button>
      <p class="quiet">${t('login.hint')}</p>
      <${Command} text="./serai token add NAME --role view" />
    </form></main>`;
}

function App() {
  const [session, setSession] = useState(undefined);
  const [message, setMessage] = useState('');
  const [, again] = useState(0);
  useEffect(() => {
    onSessionEnd(() => {
      setMessage(t('login.ended'));
      setSession(null);
    });
    look();
  }, []);

  async function look() {
    try {
      const found = await get('/console/session');
      if (found === null) setSession(null);
      else begin(found);
    } catch (e) {
      if (e instanceof Refusal && e.status === 401) setSession(null);
      else {
        setMessage(reasonOf(e));
        setTimeout(look, 3000);
      }
    }
  }
  function begin(found) {
    setMessage('');
    setSession(found);
    events.start();
  }
  async function logout() {
    events.stop();
    await remove('/console/session').catch(() => {});
    setSession(null);
  }
  function changeLanguage(value) {
    choose(value);
    again((n) => n + 1);
  }
  if (session === undefined) return html`<main class="login"><p class="quiet">${t('connecting')} ${message}</p></main>`;
  if (session === null) return html`<${Login} message=${message} onLogin=${begin} />`;
  return html`<${Shell} session=${session} onLogout=${logout} onLanguage=${changeLanguage} />`;
}

render(html`<${App} />`, document.getElementById('app'));
