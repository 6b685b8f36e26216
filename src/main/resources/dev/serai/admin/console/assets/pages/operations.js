// Operations: the node itself, what is paused, replays, and who did what.
import { html, useEffect, useState } from '../lib/preact.js';
import { get, page } from '../api.js';
import { bytes, clock, count, duration, plain } from '../format.js';
import { Ago, Foreign, Missing, Section, Since, Table, TargetName, Title, useLive, useLoad } from '../parts.js';
import { t } from '../text.js';
import { Verb } from '../verbs.js';
import { ledgerLine } from './now.js';
import { Replays } from './replays.js';

/** Gauges of the node from its metrics: `name{labels}` to value. */
async function metrics(signal) {
  const response = await fetch('/observe/metrics', { credentials: 'same-origin', cache: 'no-store', signal });
  if (!response.ok) throw new Error('HTTP ' + response.status);
  const found = {};
  for (const line of (await response.text()).split('\n')) {
    const match = /^((?:jvm|process|system)_[a-z_]+)(\{[^}]*\})? (\S+)/.exec(line);
    if (match) (found[match[1]] ||= []).push({ labels: match[2] || '', value: Number(match[3]) });
  }
  return found;
}

function sum(found, name, label = '') {
  const parts = (found[name] || []).filter((one) => one.labels.includes(label));
  return parts.length === 0 ? null : parts.reduce((all, one) => all + Math.max(0, one.value), 0);
}

export function OperationsPage() {
  const now = useLive();
  const status = now.status;
  const node = useLoad(metrics, [], 10000);
  if (!status) return html`<${Title}>${t('ops.title')}</${Title}><p class="quiet">${t('connecting')}</p>`;
  const paused = status.targets.filter((one) => one.state === 'paused');
  return html`
    <${Title}>${t('ops.title')}</${Title}>
    <${Section} title=${t('ops.node')}>
      <dl class="facts large">
        ${node.data && html`
          <div><dt>${t('ops.heap')}</dt><dd>${bytes(sum(node.data, 'jvm_memory_used_bytes', 'area="heap"'))}</dd></div>
          <div><dt>${t('ops.threads')}</dt><dd>${count(sum(node.data, 'jvm_threads_live_threads'))}</dd></div>
          <div><dt>${t('ops.cpu')}</dt><dd>${percent(sum(node.data, 'process_cpu_usage'))}</dd></div>
          <div><dt>${t('ops.uptime')}</dt><dd>${duration(sum(node.data, 'process_uptime_seconds'))}</dd></div>`}
        <div><dt>${t('ops.disk')}</dt><dd>${ledgerLine(status.ledger)}</dd></div>
        <div><dt>${t('ops.routes')}</dt><dd>${t('ops.loaded', { n: status.routes.loaded })}</dd></div>
        ${status.tls.map((one) => html`<div key=${one.port}><dt>${t('ops.tls')}: ${plain(one.port)}</dt><dd>${t('ops.until', { time: clock(one.expiresAt) })}</dd></div>`)}
      </dl>
      ${node.error && html`<${Missing} of=${node} />`}
    </${Section}>
    <${Section} title=${t('ops.paused')}>${paused.length === 0 ? html`<p class="quiet">${t('ops.noPaused')}</p>` : html`<ul class="troubles">${paused.map((one) => html`<li class="trouble mild" key=${one.flow + '/' + one.target}>
      <div class="trouble-head"><strong><${TargetName} flow=${one.flow} target=${one.target} /></strong> <${Since} time=${one.since} /> <${Verb} verb="resume" what=${{ flow: one.flow, target: one.target }} /></div>
      ${one.reason && html`<p class="reason"><${Foreign} text=${one.reason} /></p>`}</li>`)}</ul>`}</${Section}>
    <${Replays} title=${t('ops.replays')} />
    <${Section} title=${t('ops.log')}><${Log} version=${now.log} /></${Section}>`;
}

function percent(share) {
  return share === null ? '–' : Math.round(share * 1000) / 10 + ' %';
}

function Log({ version }) {
  const [more, setMore] = useState([]);
  const [next, setNext] = useState(null);
  const first = useLoad(async (signal) => {
    const found = await page('/api/log?limit=50', signal);
    setNext(found.next);
    return found.json;
  }, []);
  useEffect(() => {
    if (version > 0) {
      setMore([]);
      first.again();
    }
  }, [version]);
  if (!first.data) return html`<${Missing} of=${first} />`;
  if (first.data.length === 0) return html`<p class="quiet">${t('ops.noLog')}</p>`;
  async function load() {
    const found = await page(next);
    setMore(more.concat(found.json));
    setNext(found.next);
  }
  return html`<${Table} label=${t('ops.log')} rows=${first.data.concat(more)} rowKey=${(one) => one.id} columns=${[
    { name: t('c.at'), value: (one) => html`<${Ago} time=${one.at} />` },
    { name: t('c.actor'), value: (one) => html`<${Foreign} text=${one.actor} />` },
    { name: t('c.action'), value: (one) => plain(one.action) },
    { name: t('c.what'), value: (one) => html`<${Foreign} text=${one.what} />` },
    { name: t('c.filter'), value: (one) => html`<${Foreign} text=${one.filter ?? '–'} />` },
    { name: t('c.count'), number: true, value: (one) => count(one.count) },
    { name: t('c.reason'), wide: true, value: (one) => html`<${Foreign} text=${one.reason ?? '–'} />` },
    { name: t('c.outcome'), value: (one) => html`<${Foreign} text=${one.outcome ?? '–'} />` },
  ]} />${next && html`<p><button onClick=${load}>${t('more')}</button></p>`}`;
}
