// What waits and what is dead: by cause, or each change; with what can be done about it. Replays below.
import { html, useState } from '../lib/preact.js';
import { navigate } from '../address.js';
import { get, page, query } from '../api.js';
import { count, localTime, plain, utc } from '../format.js';
import { Ago, changePath, Foreign, Missing, N, State, Table, TargetName, Title, useLive, useLoad } from '../parts.js';
import { t } from '../text.js';
import { Verb } from '../verbs.js';
import { Replays } from './replays.js';

const STATES = ['pending', 'delivering', 'retrying', 'blocked', 'dead'];
const TIMES = ['since', 'until'];
/** So many causes are drawn at first. */
const CAUSES = 50;
const FIELDS = ['flow', 'target', 'state', 'key', 'text', 'cause', ...TIMES];

export function StuckPage({ parameters }) {
  const view = parameters.get('view') === 'each' ? 'each' : 'causes';
  const filter = Object.fromEntries(FIELDS.map((field) => [field, parameters.get(field) || '']));
  const to = (changed) => query('/console/stuck', { view, ...filter, ...changed });
  return html`
    <${Title}>${t('stuck.title')}</${Title}>
    <${Filter} view=${view} filter=${filter} onFilter=${(changed) => navigate(to(changed))} />
    <div class="tabs" role="group">
      ${['causes', 'each'].map((name) => html`<a href=${to({ view: name, ...(name === 'causes' ? { state: '', key: '', text: '', cause: '', since: '', until: '' } : {}) })}
        aria-current=${view === name ? 'page' : undefined}>${t('stuck.' + name)}</a>`)}
    </div>
    ${view === 'causes' ? html`<${Causes} filter=${filter} />` : html`<${Each} filter=${filter} />`}
    <${Replays} title=${t('stuck.replays')} open />`;
}

function Filter({ view, filter, onFilter }) {
  const { status } = useLive();
  const targets = status ? status.targets : [];
  const flows = [...new Set(targets.map((one) => one.flow))].sort();
  const names = [...new Set(targets.filter((one) => !filter.flow || one.flow === filter.flow).map((one) => one.target))].sort();
  function submit(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const value = (field) => (TIMES.includes(field) ? utc(form.get(field)) : form.get(field).trim());
    onFilter(Object.fromEntries(FIELDS.filter((field) => form.has(field)).map((field) => [field, value(field)])));
  }
  const select = (name, values, label, text = plain) => html`<label>${label}
    <select name=${name} value=${filter[name]} onChange=${(e) => e.target.form.requestSubmit()}>
      <option value="">${t('stuck.any')}</option>
      ${filter[name] && !values.includes(filter[name]) && html`<option value=${filter[name]}>${plain(filter[name])}</option>`}
      ${values.map((value) => html`<option value=${value}>${text(value)}</option>`)}
    </select></label>`;
  return html`<form class="filter" onSubmit=${submit} key=${JSON.stringify(filter) + view}>
    ${select('flow', flows, t('c.flow'))}
    ${select('target', names, t('c.target'))}
    ${view === 'each' && html`
      ${select('state', STATES, t('c.state'), (state) => t('state.' + state))}
      <label>${t('c.key')}<input name="key" value=${filter.key} /></label>
      <label>${t('stuck.text')}<input name="text" value=${filter.text} /></label>
      ${TIMES.map((name) => html`<label title=${t('stuck.times')}>${t('stuck.' + name)}<input type="datetime-local" step="1" name=${name} value=${localTime(filter[name])} /></label>`)}
      <input type="hidden" name="cause" value=${filter.cause} />
      <button>${t('stuck.filter')}</button>`}
  </form>`;
}

function Causes({ filter }) {
  const [most, setMost] = useState(CAUSES);
  const causes = useLoad((signal) => get(query('/api/causes', { flow: filter.flow, target: filter.target }), signal), [filter.flow, filter.target], 5000);
  if (!causes.data) return html`<${Missing} of=${causes} />`;
  if (causes.data.length === 0) return html`<p class="calm">${t('stuck.noCauses')}</p>`;
  const shown = causes.data.slice(0, most);
  return html`<ul class="troubles">${shown.map((one) => {
    const what = { flow: one.flow, target: one.target, cause: one.id };
    return html`<li class=${'trouble ' + (one.state === 'dead' ? 'bad' : 'mild')} key=${one.id + one.flow + '/' + one.target + one.state}>
      <div class="trouble-head"><${State} word=${one.state} /> <strong><${N} of=${one.count} /></strong> <${TargetName} flow=${one.flow} target=${one.target} /></div>
      <p class="reason"><${Foreign} text=${one.cause} /></p>
      <dl class="facts">
        <div><dt>${t('c.failedPerMinute')}</dt><dd>${count(one.perMinute)}</dd></div>
        <div><dt>${t('c.keys')}</dt><dd>${count(one.keys)}</dd></div>
        <div><dt>${t('c.first')}</dt><dd><${Ago} time=${one.firstAt} /></dd></div>
        <div><dt>${t('c.last')}</dt><dd><${Ago} time=${one.lastAt} /></dd></div>
        <div><dt>${t('c.example')}</dt><dd><a href=${changePath(one.flow, one.exampleSequence)}>${one.exampleSequence}</a></dd></div>
      </dl>
      <div class="verbs">
        <a class="button small" href=${query('/console/stuck', { view: 'each', flow: one.flow, target: one.target, state: one.state, cause: one.id })}>${t('stuck.each')}</a>
        ${one.state === 'dead'
          ? html`<${Verb} verb="replay" what=${what} onDone=${causes.again} /><${Verb} verb="discard" what=${what} onDone=${causes.again} />`
          : html`<${Verb} verb="retry" what=${what} onDone=${causes.again} /><${Verb} verb="skip" what=${what} onDone=${causes.again} />`}
      </div></li>`;
  })}</ul>
  ${shown.length < causes.data.length && html`<p>${t('stuck.most', { n: count(most), all: count(causes.data.length) })} <button onClick=${() => setMost(most + CAUSES)}>${t('more')}</button></p>`}`;
}

function Each({ filter }) {
  const [more, setMore] = useState([]);
  const [next, setNext] = useState(undefined);
  const [selected, select] = useState(new Set());
  const deps = FIELDS.map((field) => filter[field]);
  const path = query('/api/changes', { ...filter, state: filter.state || ['pending', 'delivering', 'retrying', 'blocked'], limit: 50 });
  const first = useLoad(async (signal) => {
    const found = await page(path, signal);
    setMore([]);
    setNext(found.next);
    return found.json;
  }, deps);
  if (!first.data) return html`<${Missing} of=${first} />`;
  const rows = first.data.concat(more).map((change) => ({ ...change, delivery: change.deliveries[0] }));
  async function load() {
    const found = await page(next);
    setMore(more.concat(found.json));
    setNext(found.next);
  }
  const id = (row) => row.flow + '/' + row.delivery.target + '/' + row.sequence;
  const chosen = rows.filter((row) => selected.has(id(row)));
  const toggle = (row) => {
    const changed = new Set(selected);
    if (!changed.delete(id(row))) changed.add(id(row));
    select(changed);
  };
  const filterOfAll = { flow: filter.flow, target: filter.target, error: filter.text, cause: filter.cause, keys: filter.key ? [filter.key] : [], since: filter.since || undefined, until: filter.until || undefined };
  const hasFilter = filter.flow || filter.target || filter.text || filter.cause || filter.key || filter.since || filter.until;
  const done = () => {
    select(new Set());
    first.again();
  };
  return html`
    ${rows.length === 0 ? html`<p class="calm">${t(next ? 'stuck.notYet' : 'stuck.none')}</p>` : html`
    <div class="verbs" role="group" aria-label=${t('c.do')}>
      ${chosen.length > 0
        ? html`<span>${t('stuck.selected', { n: chosen.length })}</span><${Actions} rows=${chosen} onDone=${done} />`
        : html`<span class="quiet">${t('stuck.all')}:</span>
          ${filter.state === 'dead'
            ? html`<${Verb} verb="replay" what=${hasFilter ? filterOfAll : { all: true }} onDone=${done} /><${Verb} verb="discard" what=${hasFilter ? filterOfAll : { all: true }} onDone=${done} />`
            : html`<${Verb} verb="retry" what=${hasFilter ? filterOfAll : { all: true }} onDone=${done} /><${Verb} verb="skip" what=${hasFilter ? filterOfAll : { all: true }} onDone=${done} />`}`}
    </div>
    <${Table} label=${t('stuck.each')} rows=${rows} rowKey=${id} columns=${[
      { name: html`<span class="only-spoken">${t('c.select')}</span>`, value: (row) => html`<input type="checkbox" aria-label=${t('c.select') + ' ' + row.sequence} checked=${selected.has(id(row))} onChange=${() => toggle(row)} />` },
      { name: t('c.sequence'), number: true, value: (row) => html`<a href=${changePath(row.flow, row.sequence)}>${row.sequence}</a>` },
      { name: t('c.target'), value: (row) => html`<${TargetName} flow=${row.flow} target=${row.delivery.target} />` },
      { name: t('c.key'), value: (row) => html`<a href=${'/console/record?q=' + encodeURIComponent(row.key)}><${Foreign} text=${row.key} mono /></a>` },
      { name: t('c.state'), value: (row) => html`<${State} word=${row.delivery.state} />` },
      { name: t('c.acceptedAt'), value: (row) => html`<${Ago} time=${row.acceptedAt} />` },
      { name: t('c.attempts'), number: true, value: (row) => html`<${N} of=${row.delivery.attempts} />` },
      { name: t('c.next'), value: (row) => (row.delivery.dueAt ? html`<${Ago} time=${row.delivery.dueAt} />` : '–') },
      { name: t('c.behind'), number: true, value: (row) => html`<${N} of=${row.delivery.behind} />` },
      { name: t('c.error'), wide: true, value: (row) => html`<${Foreign} text=${row.delivery.error || ''} />` },
    ]} />`}
    ${next && html`<p><button onClick=${load}>${t('more')}</button></p>`}`;
}

/** The verbs of what is selected: of one target, since sequences are its. */
function Actions({ rows, onDone }) {
  const flows = new Set(rows.map((row) => row.flow));
  const targets = new Set(rows.map((row) => row.delivery.target));
  const states = new Set(rows.map((row) => row.delivery.state));
  const what = {
    flow: flows.size === 1 ? [...flows][0] : undefined,
    target: targets.size === 1 ? [...targets][0] : undefined,
    sequences: rows.map((row) => row.sequence),
  };
  return html`
    ${states.has('retrying') && html`<${Verb} verb="retry" what=${what} onDone=${onDone} /><${Verb} verb="skip" what=${what} onDone=${onDone} />`}
    ${states.has('dead') && html`<${Verb} verb="replay" what=${what} onDone=${onDone} /><${Verb} verb="discard" what=${what} onDone=${onDone} />`}`;
}
