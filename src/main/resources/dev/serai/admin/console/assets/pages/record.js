// One search for everything: what is known of a key, an id, a sequence or an error text.
import { html } from '../lib/preact.js';
import { pages, query } from '../api.js';
import { plain } from '../format.js';
import { Ago, changePath, flowPath, Foreign, Missing, Section, State, Table, Title, useLoad } from '../parts.js';
import { t } from '../text.js';

const LIMIT = 50;
/** A page looks at 2,000 deliveries. */
const PAGES_MAX = 25;
/** Those that can have an error. */
const FAILED = ['delivering', 'retrying', 'blocked', 'dead'];

/** What has an index, and is found at once. */
const byName = (q) => [
  ['record.byKey', { key: q }],
  ['record.byId', { id: q }],
  ...(/^\d{1,18}$/.test(q) ? [['record.bySequence', { sequence: q }]] : []),
];

const byText = (q) => [['record.byText', { text: q, state: FAILED }]];

async function find(asked, signal) {
  const found = await Promise.all(asked.map(async ([title, by]) => {
    const list = await pages(query('/api/changes', { ...by, limit: LIMIT }), LIMIT, PAGES_MAX, signal);
    return { title, changes: merged(list.json), isCut: Boolean(list.next) };
  }));
  return found.filter((part) => part.changes.length > 0 || part.isCut);
}

/** Deliveries of one change in one row. */
function merged(changes) {
  const all = new Map();
  for (const change of changes) {
    const id = change.flow + '/' + change.sequence;
    const known = all.get(id);
    all.set(id, known ? { ...known, deliveries: known.deliveries.concat(change.deliveries) } : change);
  }
  return [...all.values()];
}

export function RecordPage({ q }) {
  if (q === '') return html`<${Title}>${t('record.title')}</${Title}><p class="quiet">${t('record.hint')}</p>`;
  return html`<${Found} key=${q} q=${q} />`;
}

function Found({ q }) {
  const named = useLoad((signal) => find(byName(q), signal), []);
  const isNext = Boolean(named.data || named.error); // the slow search would hold up the others
  const texts = useLoad(isNext && ((signal) => find(byText(q), signal)), [isNext]);
  const both = named.data && texts.data;
  const parts = (found) => (found.data || []).map((part) => html`<${Section} key=${part.title} title=${t(part.title)}>
    ${part.changes.length > 0 && html`<${Changes} changes=${part.changes} />`}
    ${part.isCut && html`<p class="quiet">${t('record.cut')} <a href=${query('/console/stuck', { view: 'each', text: q, state: 'dead' })}>${t('nav.stuck')}</a></p>`}
  </${Section}>`);
  return html`
    <${Title}><${Foreign} text=${q} /></${Title}>
    ${named.data ? parts(named) : html`<${Missing} of=${named} />`}
    ${texts.error ? html`<${Missing} of=${texts} />` : texts.data ? parts(texts) : named.data && html`<p class="quiet" role="status">${t('record.searching')}</p>`}
    ${both && named.data.length + texts.data.length === 0 && html`<p class="calm">${t('record.none', { q: plain(q) })}</p>`}
    ${both && html`<p class="quiet">${t('record.searched')}</p>`}`;
}

export function Changes({ changes }) {
  return html`<${Table} label=${t('record.title')} rows=${changes} rowKey=${(one) => one.flow + '/' + one.sequence} columns=${[
    { name: t('c.sequence'), number: true, value: (one) => html`<a href=${changePath(one.flow, one.sequence)}>${one.sequence}</a>` },
    { name: t('c.flow'), value: (one) => html`<a href=${flowPath(one.flow)}><${Foreign} text=${one.flow} /></a>` },
    { name: t('c.key'), value: (one) => html`<${Foreign} text=${one.key} mono />` },
    { name: t('c.id'), value: (one) => html`<${Foreign} text=${one.id} mono />` },
    { name: t('c.version'), value: (one) => html`<${Foreign} text=${one.version ?? '–'} mono />` },
    { name: t('c.operation'), value: (one) => plain(one.operation) },
    { name: t('c.acceptedAt'), value: (one) => html`<${Ago} time=${one.acceptedAt} />` },
    { name: t('change.deliveries'), wide: true, value: (one) => html`<span class="deliveries">${one.deliveries.map((d) => html`<span key=${d.target}><${Foreign} text=${d.target} /> <${State} word=${d.state} /></span>`)}</span>` },
  ]} />`;
}
