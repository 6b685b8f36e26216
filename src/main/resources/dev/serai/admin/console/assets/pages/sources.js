// Sources: what came, what was refused and why, when a pull runs next; and how far pulls have read.
import { html } from '../lib/preact.js';
import { get } from '../api.js';
import { count, duration, plain } from '../format.js';
import { Ago, flowPath, Foreign, Missing, Section, Since, State, Table, Title, useLive, useLoad, weight } from '../parts.js';
import { t, tOr } from '../text.js';

export function SourcesPage() {
  const { status } = useLive();
  const cursors = useLoad((signal) => get('/api/cursors', signal), [], 15000);
  if (!status) return html`<${Title}>${t('sources.title')}</${Title}><p class="quiet">${t('connecting')}</p>`;
  return html`
    <${Title}>${t('sources.title')}</${Title}>
    ${status.sources.length === 0 ? html`<p class="quiet">${t('sources.none')}</p>` : html`<ul class="troubles">${status.sources.map((one) => html`<${Source} key=${one.name} one=${one} />`)}</ul>`}
    <${Section} title=${t('sources.cursors')}>${!cursors.data ? html`<${Missing} of=${cursors} />` : cursors.data.length === 0 ? html`<p class="quiet">${t('none')}</p>` : html`
      <${Table} label=${t('sources.cursors')} rows=${cursors.data} rowKey=${(one) => one.name} columns=${[
        { name: t('c.name'), value: (one) => html`<${Foreign} text=${one.name} mono />` },
        { name: t('c.value'), wide: true, value: (one) => html`<${Foreign} text=${one.value} mono />` },
        { name: t('c.savedAt'), value: (one) => html`<${Ago} time=${one.savedAt} />` },
      ]} />`}</${Section}>`;
}

function Source({ one }) {
  const isPushed = one.kind === 'push' || one.kind === 'tcp';
  const refused = Object.entries(one.refused || {}).sort((a, b) => b[1] - a[1]);
  const facts = [
    ['c.accepted', count(one.accepted)],
    ['c.duplicates', count(one.duplicates)],
    ...(isPushed
      ? [['c.refused', count(refused.reduce((sum, [, n]) => sum + n, 0))]]
      : [['c.records', count(one.records)], ['c.skipped', count(one.skipped)], ['c.broken', count(one.broken)], ['c.ahead', count(one.ahead)], ['c.runs', count(one.runs)], ['c.failedRuns', count(one.failedRuns)]]),
    ...(one.usualPauseSeconds ? [['c.usualPause', duration(one.usualPauseSeconds)]] : []),
    ...(isPushed && one.missedShare !== null && one.missedShare !== undefined ? [['c.missed', (100 * one.missedShare).toFixed(1) + ' %']] : []),
    ['c.lag', one.lagSeconds === null || one.lagSeconds === undefined ? '–' : duration(one.lagSeconds)],
    ['c.lastGood', one.lastGoodAt ? html`<${Ago} time=${one.lastGoodAt} />` : '–'],
    ...(one.nextRunAt ? [['c.nextRun', html`<${Ago} time=${one.nextRunAt} />`]] : []),
  ];
  return html`<li class=${'trouble ' + weight(one.state)}>
    <div class="trouble-head"><${State} word=${one.state} /> <strong><${Foreign} text=${one.name} /></strong>
      <span class="quiet">${tOr('kind.' + one.kind, plain(one.kind))}</span>
      ${one.flows.map((flow) => html`<a key=${flow} href=${flowPath(flow)}><${Foreign} text=${flow} /></a>`)} <${Since} time=${one.since} /></div>
    ${one.reason && html`<p class="reason"><${Foreign} text=${one.reason} /></p>`}
    <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}</dl>
    ${refused.length > 0 && html`<details><summary>${t('sources.refusals')}</summary><ul class="reasons">${refused.map(([reason, n]) => html`<li key=${reason}><strong>${count(n)}</strong> <${Foreign} text=${reason} /></li>`)}</ul></details>`}
    ${one.lastError && html`<p class="quiet">${t('c.lastError')}: <${Ago} time=${one.lastError.at} /> · <${Foreign} text=${one.lastError.text} /></p>`}
  </li>`;
}
