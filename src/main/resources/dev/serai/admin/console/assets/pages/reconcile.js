// Reconciliations: what each has found at target and source, how far a run is, the keys that differ, and buttons that compare and repair.
import { html } from '../lib/preact.js';
import { get } from '../api.js';
import { clock, count, plain } from '../format.js';
import { Ago, Bar, Foreign, Missing, N, Section, Since, Table, TargetName, Title, useLive, useLoad } from '../parts.js';
import { t, tOr } from '../text.js';
import { reconcilePath, Verb } from '../verbs.js';

const SAMPLE = 3000;
const KINDS = ['missing', 'stale', 'differs', 'extra'];

export function ReconcilePage() {
  const { status } = useLive();
  if (!status) return html`<${Title}>${t('reconcile.title')}</${Title}><p class="quiet">${t('connecting')}</p>`;
  return html`
    <${Title}>${t('reconcile.title')}</${Title}>
    ${status.reconciliations.length === 0 && html`<p class="quiet">${t('reconcile.none')}</p>`}
    ${status.reconciliations.map((one) => html`<${Reconciliation} key=${one.name} state=${one} />`)}`;
}

function Reconciliation({ state }) {
  const loaded = useLoad((signal) => get(reconcilePath(state), signal), [state.name], 2000);
  const report = loaded.data;
  return html`<${Section} title=${html`<${Foreign} text=${state.name} />`}>
    <div class="trouble-head">
      <span class=${'state ' + (state.state === 'ok' ? 'ok' : 'bad')}>${t('reconcile.state.' + state.state)}</span>
      <strong><${TargetName} flow=${state.flow} target=${state.target} /></strong> <${Since} time=${state.since} />
    </div>
    ${state.reason && html`<p class="reason"><${Foreign} text=${state.reason} /></p>`}
    <p>${state.verifiedThrough ? html`${t('reconcile.verified')} <time datetime=${state.verifiedThrough} title=${state.verifiedThrough}>${clock(state.verifiedThrough)}</time>, <${Ago} time=${state.verifiedThrough} />` : t('reconcile.unverified')}</p>
    ${report ? html`<${Run} report=${report} />` : html`<${Missing} of=${loaded} />`}
    ${report && report.state !== 'running' && html`<${Verbs} state=${state} onDone=${loaded.again} />`}
    ${report && report.differences.length > 0 && html`<${Differences} side=${report} label=${t('reconcile.differences', { n: report.differences.length })} />`}
    ${report && report.source && html`<${Source} source=${report.source} />`}
  </${Section}>`;
}

/** What the source has otherwise than it was accepted, by the last run that compared it. */
function Source({ source }) {
  return html`<h3>${t('reconcile.source')}</h3>
    ${source.state === 'never' ? html`<p class="quiet">${t('reconcile.source.never')}</p>` : html`
      <p>${t(source.state === 'running' ? 'reconcile.running' : 'reconcile.last')}: <${Ago} time=${source.endedAt ?? source.startedAt} />${source.state === 'running' ? ' · ' + tOr('reconcile.phase.' + source.phase, plain(source.phase)) + ' · ' + t('reconcile.read', { n: count(source.read) }) : ''}</p>
      ${source.state === 'running' && html`<${Bar} done=${Math.min(source.read, source.known)} failed=${0} all=${source.known} />`}
      ${source.reason && html`<p class="reason"><${Foreign} text=${source.reason} /></p>`}
      ${source.state !== 'failed' && html`<${Counts} side=${source} isExtraBad />`}
      ${source.differences.length > 0 && html`<${Differences} side=${source} label=${t('reconcile.source.differences', { n: source.differences.length })} />`}`}`;
}

function Counts({ side, isExtraBad }) {
  return html`<dl class="facts">
    ${['keys', 'equal'].map((name) => html`<div key=${name}><dt>${t('reconcile.count.' + name)}</dt><dd><${N} of=${side[name]} /></dd></div>`)}
    ${KINDS.map((name) => html`<div key=${name}><dt>${t('reconcile.count.' + name)}</dt><dd><${N} of=${side[name]} bad=${isExtraBad || name !== 'extra'} /></dd></div>`)}
    ${['pending', 'unknown', 'repaired'].map((name) => html`<div key=${name}><dt>${t('reconcile.count.' + name)}</dt><dd><${N} of=${side[name]} /></dd></div>`)}
  </dl>
  ${side.completeSince && html`<p class="quiet">${t('reconcile.completeSince')} <time datetime=${side.completeSince} title=${side.completeSince}>${clock(side.completeSince)}</time></p>`}`;
}

function kindOf(report) {
  return t('reconcile.' + report.kind, { n: count(report.sample) });
}

/** The run under way, or the last one. */
function Run({ report }) {
  if (report.state === 'never') return html`<p class="quiet">${t('reconcile.never')}</p>`;
  const isRunning = report.state === 'running';
  return html`
    <p>${t(isRunning ? 'reconcile.running' : 'reconcile.last')}: ${kindOf(report)}${report.repair && !report.dryRun ? ', ' + t('reconcile.repairs') : ''},
      ${' '}<${Ago} time=${isRunning ? report.startedAt : report.endedAt} />${isRunning ? ' · ' + tOr('reconcile.phase.' + report.phase, plain(report.phase)) : ''}
      ${isRunning && html` · ${t('reconcile.read', { n: count(report.read) })}`}</p>
    ${isRunning && report.kind === 'all' && html`<${Bar} done=${Math.min(report.read, report.known)} failed=${0} all=${report.known} />`}
    ${report.state === 'done' && report.reason && html`<p class="reason"><${Foreign} text=${report.reason} /></p>`}
    <${Counts} side=${report} isExtraBad=${false} />
    ${report.bound !== null && html`<p>${t('reconcile.bound', {
      n: report.missing + report.stale + report.differs,
      all: count(report.missing + report.stale + report.differs + report.equal),
      share: String(Math.ceil(report.bound * 10000) / 100),
    })}</p>`}`;
}

function Verbs({ state, onDone }) {
  const what = { name: state.name, flow: state.flow, target: state.target };
  return html`<div class="verbs">
    <${Verb} verb="reconcile" what=${what} onDone=${onDone} />
    <${Verb} verb="reconcileSample" what=${{ ...what, sample: SAMPLE }} onDone=${onDone} />
    <${Verb} verb="reconcileDryRun" what=${what} onDone=${onDone} />
    <${Verb} verb="reconcileRepair" what=${what} onDone=${onDone} />
  </div>`;
}

function Differences({ side, label }) {
  const isRepaired = side.differences.some((one) => one.repair);
  return html`<h3>${label}</h3>
    <${Table} label=${label} rows=${side.differences} rowKey=${(one) => one.key} columns=${[
      { name: t('c.key'), wide: true, value: (one) => html`<a href=${'/console/record?q=' + encodeURIComponent(one.key)}><${Foreign} text=${one.key} mono /></a>` },
      { name: t('c.kind'), value: (one) => html`<span class="name">${t('reconcile.count.' + one.kind)}</span>` },
      { name: t('reconcile.fields'), wide: true, value: (one) => html`<${Foreign} text=${one.fields.join(', ') || '–'} mono />` },
      ...(isRepaired ? [{ name: t('verb.reconcileRepair'), wide: true, value: (one) => html`<${Foreign} text=${one.repair ?? '–'} />` }] : []),
    ]} />`;
}
