// The life of one change: what came, where it went, each attempt that failed, and what it waits for.
import { html, useState } from '../lib/preact.js';
import { get, query } from '../api.js';
import { bytes, clock, lines, plain, word } from '../format.js';
import { Ago, changePath, Command, flowPath, Foreign, Missing, N, Section, State, Table, Title, useLoad } from '../parts.js';
import { t } from '../text.js';
import { Verb } from '../verbs.js';

const PRETTY_MAX = 256 * 1024;

async function load(flow, sequence, signal) {
  const change = await get('/api/changes/' + encodeURIComponent(flow) + '/' + encodeURIComponent(sequence), signal);
  const blockers = {};
  for (const delivery of change.deliveries.filter((one) => one.state === 'blocked')) {
    const before = await get(query('/api/changes', { flow, target: delivery.target, key: change.key, state: ['retrying', 'delivering', 'dead'], limit: 20 }), signal);
    const first = before.find((one) => one.sequence < change.sequence);
    if (first) blockers[delivery.target] = first.sequence;
  }
  return { change, blockers };
}

export function ChangePage({ flow, sequence }) {
  const loaded = useLoad((signal) => load(flow, sequence, signal), [flow, sequence], 5000);
  if (!loaded.data) return html`<${Title}>${t('change.title', { n: plain(sequence) })}</${Title}><${Missing} of=${loaded} />`;
  const { change, blockers } = loaded.data;
  return html`
    <${Title}>${t('change.title', { n: change.sequence })}</${Title}>
    ${change.damage && html`<p class="problem" role="alert">${t('change.damage', { text: plain(change.damage) })}</p>`}
    <dl class="facts large">
      <div><dt>${t('c.flow')}</dt><dd><a href=${flowPath(change.flow)}><${Foreign} text=${change.flow} /></a></dd></div>
      <div><dt>${t('c.key')}</dt><dd><a href=${'/console/record?q=' + encodeURIComponent(change.key)} title=${t('change.key')}><${Foreign} text=${change.key} mono /></a></dd></div>
      <div><dt>${t('c.id')}</dt><dd><${Foreign} text=${change.id} mono /></dd></div>
      <div><dt>${t('c.version')}</dt><dd><${Foreign} text=${change.version ?? '–'} mono /></dd></div>
      <div><dt>${t('c.operation')}</dt><dd>${plain(change.operation)}</dd></div>
      <div><dt>${t('c.acceptedAt')}</dt><dd><${Ago} time=${change.acceptedAt} /></dd></div>
      ${change.client && html`<div><dt>${t('c.client')}</dt><dd><${Foreign} text=${change.client} mono /></dd></div>`}
    </dl>
    <${Command} text=${'./serai trace ' + word(change.key)} />
    <${Section} title=${t('change.deliveries')}>
      ${change.deliveries.length === 0 ? html`<p class="quiet">${t('change.noTargets')}</p>` : change.deliveries.map((one) => html`<${Life} key=${one.target} change=${change} delivery=${one} blocker=${blockers[one.target]} onDone=${loaded.again} />`)}
    </${Section}>
    <${Section} title=${t('change.body')}><${Body} change=${change} /></${Section}>
    <${Section} title=${t('change.headers')}>${Object.keys(change.headers).length === 0 ? html`<p class="quiet">${t('change.noHeaders')}</p>` : html`
      <${Table} label=${t('change.headers')} rows=${Object.entries(change.headers)} rowKey=${(row) => row[0]} columns=${[
        { name: t('c.name'), value: (row) => html`<${Foreign} text=${row[0]} mono />` },
        { name: t('c.value'), wide: true, value: (row) => html`<${Foreign} text=${row[1]} mono />` },
      ]} />`}</${Section}>`;
}

function Life({ change, delivery, blocker, onDone }) {
  const attempts = change.attempts.filter((one) => one.target === delivery.target);
  const what = { flow: change.flow, target: delivery.target, sequences: [change.sequence] };
  return html`<article class="life">
    <div class="trouble-head"><strong><${Foreign} text=${delivery.target} /></strong> <${State} word=${delivery.state} />
      ${blocker !== undefined && html`<a href=${changePath(change.flow, blocker)}>${t('change.blockedBy', { n: blocker })}</a>`}
      ${delivery.dueAt && html`<span class="quiet">${t('change.nextTry', { when: '' })}<${Ago} time=${delivery.dueAt} /></span>`}
      ${delivery.finishedAt && html`<span class="quiet"><${Ago} time=${delivery.finishedAt} /></span>`}
      <span class="quiet">${t('c.attempts')} ${delivery.attempts}</span>
      ${delivery.status && html`<span class="quiet">${delivery.status}</span>`}
      <span class="verbs">
        ${delivery.state === 'retrying' && html`<${Verb} verb="retry" what=${what} onDone=${onDone} /><${Verb} verb="skip" what=${what} onDone=${onDone} />`}
        ${delivery.state === 'dead' && html`<${Verb} verb="replay" what=${what} onDone=${onDone} /><${Verb} verb="discard" what=${what} onDone=${onDone} />`}
      </span></div>
    ${delivery.error && html`<p class="reason"><${Foreign} text=${delivery.error} /></p>`}
    ${attempts.length > 0 && html`<ol class="attempts" aria-label=${t('change.attempts')}>${attempts.map((one) => html`<li key=${one.number + one.at}>
      <div><span class="number">${one.number}</span> <time datetime=${one.at} title=${one.at}>${clock(one.at)}</time> ${one.status && html`<span class="state bad">${one.status}</span>`} <bdi>${plain(one.error)}</bdi></div>
      ${one.request && html`<details><summary>${t('change.request')}</summary><pre>${lines(one.request)}</pre></details>`}
      ${one.answer && html`<details><summary>${t('change.answer')}</summary><pre>${lines(one.answer)}</pre></details>`}
    </li>`)}</ol>`}
  </article>`;
}

function Body({ change }) {
  const [raw, setRaw] = useState(false);
  if (change.bodyBase64 !== undefined) return html`<pre class="body">base64: ${change.bodyBase64}</pre>`;
  if (!change.body) return html`<p class="quiet">${t('change.empty')}</p>`;
  const pretty = raw ? null : formatted(change.body);
  return html`
    <p class="quiet">${change.contentType && html`<${Foreign} text=${change.contentType} /> · `}${bytes(new TextEncoder().encode(change.body).length)}
      ${formatted(change.body) !== null && html` <button type="button" class="small" onClick=${() => setRaw(!raw)}>${raw ? t('change.pretty') : t('change.raw')}</button>`}</p>
    <pre class="body" tabindex="0">${lines(pretty ?? change.body)}</pre>`;
}

/** JSON with line ends and spaces between its parts, which are left as they are: numbers keep their digits. Null if it is not JSON. */
function formatted(text) {
  if (text.length > PRETTY_MAX || !/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch (e) {
    return null;
  }
  let out = '';
  let depth = 0;
  const line = () => '\n' + '  '.repeat(depth);
  for (const part of text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (part === '{' || part === '[') {
      depth++;
      out += part + line();
    } else if (part === '}' || part === ']') {
      depth--;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + part : out + line() + part;
    } else if (part === ',') out += part + line();
    else if (part === ':') out += ': ';
    else out += part;
  }
  return out;
}
