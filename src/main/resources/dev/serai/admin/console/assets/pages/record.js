// One search for everything: what is known of a key, an id, a sequence or an error text.
import { html } from '../lib/preact.js';
import { get, query } from '../api.js';
import { plain } from '../format.js';
import { Ago, changePath, flowPath, Foreign, Missing, Section, State, Table, Title, useLoad } from '../parts.js';
import { t } from '../text.js';

const LIMIT = 50;

async function find(q) {
  if (q === '') return [];
  const asked = [
    ['record.byKey', { key: q }],
    ['record.byId', { id: q }],
    ...(/^\d{1,18}$/.test(q) ? [['record.bySequence', { sequence: q }]] : []),
    ['record.byText', { text: q }],
  ];
  const found = await Promise.all(asked.map(async ([title, by]) => ({ title, changes: merged(await get(query('/api/changes', { ...by, limit: LIMIT }))) })));
  return found.filter((part) => part.changes.length > 0);
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
  const found = useLoad(() => find(q), [q]);
  return html`
    <${Title}>${q === '' ? t('record.title') : html`<${Foreign} text=${q} />`}</${Title}>
    ${q === '' ? html`<p class="quiet">${t('record.hint')}</p>` : !found.data ? html`<${Missing} of=${found} />` : found.data.length === 0
      ? html`<p class="calm">${t('record.none', { q: plain(q) })}</p>`
      : found.data.map((part) => html`<${Section} key=${part.title} title=${t(part.title)}><${Changes} changes=${part.changes} /></${Section}>`)}`;
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
