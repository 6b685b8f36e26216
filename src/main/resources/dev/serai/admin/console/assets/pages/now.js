// Now: one sentence, then only what needs somebody, the worst first; rates; at the foot all that is ok.
import { html } from '../lib/preact.js';
import { get } from '../api.js';
import { bytes, count, duration, plain } from '../format.js';
import { Ago, Foreign, Missing, N, Section, Since, State, Table, TargetName, Title, useLive, useLoad } from '../parts.js';
import { Plot } from '../plot.js';
import { t, tOr } from '../text.js';
import { Verb } from '../verbs.js';

const isOk = (one) => one.state === 'ok';

/** What the status says in one sentence. */
export function sentence(status) {
  if (status.phase !== 'running') return t('now.' + status.phase);
  if (status.flows.length === 0 && status.ok) return t('now.empty');
  const targets = status.targets.filter((one) => !isOk(one)).length;
  const sources = status.sources.filter((one) => !isOk(one)).length;
  if (targets + sources > 0) {
    const parts = [];
    if (targets > 0) parts.push(t('now.targets', { n: targets, all: status.targets.length }));
    if (sources > 0) parts.push(t('now.sources', { n: sources, all: status.sources.length }));
    return t('now.needs', { n: targets + sources, what: parts.length === 2 ? t('now.and', { a: parts[0], b: parts[1] }) : parts[0] });
  }
  const files = status.routes.refused.length;
  if (files > 0) return t('now.files', { n: files });
  const differing = status.reconciliations.filter((one) => !isOk(one)).length;
  if (differing > 0) return t('now.reconciliations', { n: differing });
  if (status.ok) {
    const oldest = Math.max(0, ...status.targets.map((one) => one.oldestSeconds));
    return oldest > 0 ? t('now.ok.oldest', { age: duration(oldest) }) : t('now.ok');
  }
  if (status.tls.some((one) => one.trouble)) return t('now.certificate');
  if (status.tokens && status.tokens.trouble) return t('now.tokens');
  if ((status.bills || []).some((one) => one.trouble)) return t('now.bills');
  return t('now.ledger');
}

export function NowPage() {
  const { status } = useLive();
  const history = useLoad((signal) => get('/api/history?step=minute', signal), [], 60000);
  if (!status) return html`<${Title}>${t('now.title')}</${Title}><p class="quiet">${t('connecting')}</p>`;
  const bad = status.targets.filter((one) => !isOk(one));
  const badSources = status.sources.filter((one) => !isOk(one));
  const general = troubles(status);
  const isCalm = bad.length + badSources.length + general.length === 0;
  return html`
    <${Title}><span class=${isCalm && status.ok ? 'sentence ok' : 'sentence bad'}>${sentence(status)}</span></${Title}>
    ${!isCalm && html`<ul class="troubles" aria-label=${t('now.trouble')}>
      ${general.map((one) => html`<li class=${'trouble ' + one.weight} key=${one.name + one.text}>
        <div class="trouble-head"><span class=${'state ' + one.weight}>${one.word}</span> <strong>${one.href ? html`<a class="name" href=${one.href}><bdi>${one.name}</bdi></a>` : html`<bdi>${one.name}</bdi>`}</strong> <${Since} time=${one.since} /></div>
        <p class="reason"><bdi>${one.text}</bdi></p></li>`)}
      ${bad.map((one) => html`<${TargetTrouble} key=${one.flow + '/' + one.target} one=${one} />`)}
      ${badSources.map((one) => html`<${SourceTrouble} key=${one.name} one=${one} />`)}
    </ul>`}
    <${Section} title=${t('now.rate')}>${history.data ? html`<${Rates} history=${history.data} />` : html`<${Missing} of=${history} />`}</${Section}>
    <${Section} title=${t('now.rest')}>
      <${Rest} status=${status} />
      <p class="quiet">${t('now.ledgerLine')}: ${ledgerLine(status.ledger)} · ${t('now.routes', { n: status.routes.loaded })}</p>
    </${Section}>`;
}

/** What is wrong beside targets and sources. */
function troubles(status) {
  const found = [];
  const ledger = status.ledger;
  const name = t('now.ledgerLine');
  if (ledger.trouble) found.push({ word: t(ledger.writable ? 'ledger.trouble' : 'ledger.unwritable'), weight: 'bad', name, text: plain(ledger.trouble) });
  if (ledger.damage) found.push({ word: t('ledger.damage'), weight: 'bad', name, text: plain(ledger.damage) });
  if (ledger.clock) found.push({ word: t('ledger.clock'), weight: 'mild', name, text: plain(ledger.clock) });
  for (const file of status.routes.refused) {
    found.push({ word: t('file.refused'), weight: 'bad', name: plain(file.file) + (file.line ? ':' + file.line : ''), since: file.since, text: plain(file.reason) });
  }
  for (const one of status.reconciliations) {
    if (!isOk(one)) found.push({ word: t('reconcile.state.' + one.state), weight: 'bad', name: plain(one.name), href: '/console/reconcile', since: one.since, text: plain(one.reason) });
  }
  for (const tls of status.tls) {
    if (tls.trouble) found.push({ word: t('tls.trouble', { port: tls.port }), weight: 'mild', name: 'TLS', text: plain(tls.trouble) });
  }
  if (status.tokens && status.tokens.trouble) found.push({ word: t('now.tokens'), weight: 'mild', name: 'tokens', text: plain(status.tokens.trouble) });
  for (const bill of status.bills || []) {
    if (bill.trouble) found.push({ word: t('now.bills'), weight: 'mild', name: plain(bill.name), text: plain(bill.trouble) });
  }
  return found;
}

export function waitingPath(one) {
  return '/console/stuck?view=each&flow=' + encodeURIComponent(one.flow) + '&target=' + encodeURIComponent(one.target);
}

function deadPath(one) {
  return '/console/stuck?view=causes&flow=' + encodeURIComponent(one.flow) + '&target=' + encodeURIComponent(one.target);
}

function TargetTrouble({ one }) {
  const what = { flow: one.flow, target: one.target };
  const waits = one.pending + one.delivering + one.retrying + one.blocked;
  return html`<li class=${'trouble ' + (['paused', 'slow', 'blocked', 'starting'].includes(one.state) ? 'mild' : 'bad')}>
    <div class="trouble-head"><${State} word=${one.state} /> <strong><${TargetName} ...${what} /></strong> <${Since} time=${one.since} /></div>
    ${one.reason && html`<p class="reason"><${Foreign} text=${one.reason} /></p>`}
    <dl class="facts">
      <div><dt>${t('c.pending')}</dt><dd><${N} of=${one.pending + one.delivering} /></dd></div>
      <div><dt>${t('c.retrying')}</dt><dd><${N} of=${one.retrying} href=${waitingPath(one) + '&state=retrying'} /></dd></div>
      <div><dt>${t('c.blocked')}</dt><dd><${N} of=${one.blocked} href=${waitingPath(one) + '&state=blocked'} /></dd></div>
      <div><dt>${t('c.dead')}</dt><dd><${N} of=${one.dead} bad href=${deadPath(one)} /></dd></div>
      <div><dt>${t('c.oldest')}</dt><dd>${one.oldestSeconds > 0 ? duration(one.oldestSeconds) : '–'}</dd></div>
      <div><dt>${t('c.perMinute')}</dt><dd>${count(one.perMinute)}</dd></div>
      <div><dt>${t('c.failedPerMinute')}</dt><dd>${count(one.failedPerMinute)}</dd></div>
      <div><dt>${t('c.drain')}</dt><dd>${one.drainSeconds ? t('in', { age: duration(one.drainSeconds) }) : '–'}</dd></div>
    </dl>
    <div class="verbs">
      ${waits > 0 && html`<a class="button small" href=${waitingPath(one)}>${t('verb.show')}</a>`}
      ${one.retrying > 0 && html`<${Verb} verb="retry" what=${what} />`}
      ${one.dead > 0 && html`<${Verb} verb="replay" what=${what} />`}
      <${Verb} verb=${one.state === 'paused' ? 'resume' : 'pause'} what=${what} />
    </div></li>`;
}

function SourceTrouble({ one }) {
  return html`<li class=${'trouble ' + (one.state === 'starting' ? 'mild' : 'bad')}>
    <div class="trouble-head"><${State} word=${one.state} /> <strong><a class="name" href="/console/sources"><${Foreign} text=${one.name} /></a></strong>
      <span class="quiet">${tOr('kind.' + one.kind, plain(one.kind))}</span> <${Since} time=${one.since} /></div>
    ${one.reason && html`<p class="reason"><${Foreign} text=${one.reason} /></p>`}
    <dl class="facts">
      <div><dt>${t('c.records')}</dt><dd><${N} of=${one.records} /></dd></div>
      <div><dt>${t('c.refused')}</dt><dd><${N} of=${Object.values(one.refused || {}).reduce((a, b) => a + b, 0)} bad /></dd></div>
      <div><dt>${t('c.lastGood')}</dt><dd>${one.lastGoodAt ? html`<${Ago} time=${one.lastGoodAt} />` : '–'}</dd></div>
      <div><dt>${t('c.nextRun')}</dt><dd>${one.nextRunAt ? html`<${Ago} time=${one.nextRunAt} />` : '–'}</dd></div>
    </dl></li>`;
}

function Rates({ history }) {
  if (history.points.length === 0) return html`<p class="quiet">${t('plot.none')}</p>`;
  return html`<div class="plots">${['accepted', 'delivered', 'dead'].map((field) => html`<div class="plot-box" key=${field}>
    <h3>${t('plot.' + field)}</h3>
    <${Plot} label=${t('plot.' + field)} points=${history.points} series=${[{ field, label: t('plot.' + field), colour: field === 'dead' ? 'bad' : field === 'delivered' ? 'ok' : 'accent' }]} />
  </div>`)}</div>`;
}

function Rest({ status }) {
  const targets = status.targets.filter(isOk);
  const sources = status.sources.filter(isOk);
  if (targets.length + sources.length === 0) return html`<p class="quiet">${t('none')}</p>`;
  return html`
    ${targets.length > 0 && html`<${Table} label=${t('now.rest')} rows=${targets.slice(0, 500)} rowKey=${(one) => one.flow + '/' + one.target} columns=${[
      { name: t('c.target'), value: (one) => html`<${TargetName} flow=${one.flow} target=${one.target} />` },
      { name: t('c.state'), value: (one) => html`<${State} word=${one.state} />` },
      { name: t('c.perMinute'), number: true, value: (one) => html`<${N} of=${one.perMinute} />` },
      { name: t('c.pending'), number: true, value: (one) => html`<${N} of=${one.pending + one.delivering} href=${waitingPath(one)} />` },
      { name: t('c.retrying'), number: true, value: (one) => html`<${N} of=${one.retrying} href=${waitingPath(one)} />` },
      { name: t('c.dead'), number: true, value: (one) => html`<${N} of=${one.dead} bad href=${deadPath(one)} />` },
      { name: t('c.oldest'), number: true, value: (one) => (one.oldestSeconds > 0 ? duration(one.oldestSeconds) : html`<span class="quiet">–</span>`) },
      { name: t('c.delivered'), number: true, value: (one) => html`<${N} of=${one.delivered} />` },
    ]} />`}
    ${sources.length > 0 && html`<${Table} label=${t('nav.sources')} rows=${sources.slice(0, 500)} rowKey=${(one) => one.name} columns=${[
      { name: t('c.source'), value: (one) => html`<a class="name" href="/console/sources"><${Foreign} text=${one.name} /></a>` },
      { name: t('c.state'), value: (one) => html`<${State} word=${one.state} />` },
      { name: t('c.kind'), value: (one) => tOr('kind.' + one.kind, plain(one.kind)) },
      { name: t('c.accepted'), number: true, value: (one) => html`<${N} of=${one.accepted} />` },
      { name: t('c.refused'), number: true, value: (one) => html`<${N} of=${Object.values(one.refused || {}).reduce((a, b) => a + b, 0)} bad href="/console/sources" />` },
      { name: t('c.lastGood'), value: (one) => (one.lastGoodAt ? html`<${Ago} time=${one.lastGoodAt} />` : html`<span class="quiet">–</span>`) },
    ]} />`}`;
}

export function ledgerLine(ledger) {
  const parts = [ledger.writable ? t('ledger.writable') : t('ledger.unwritable')];
  if (ledger.bytes !== null) parts.push(bytes(ledger.bytes));
  if (ledger.freeBytes !== null) parts.push(t('ledger.free', { free: bytes(ledger.freeBytes) }));
  if (ledger.fullInSeconds !== null) parts.push(t('ledger.full', { age: duration(ledger.fullInSeconds) }));
  return parts.join(', ');
}
