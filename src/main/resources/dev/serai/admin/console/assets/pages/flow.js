// One flow: where it comes from and goes to, its last 24 hours, what is promised, and where it is written.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/preact.js';
import { get, query } from '../api.js';
import { Chain } from '../chain.js';
import { clock, count, duration, plain } from '../format.js';
import { Command, Foreign, Missing, N, Section, Since, State, Table, Title, useLive, useLoad, weight } from '../parts.js';
import { Plot } from '../plot.js';
import { t, tOr } from '../text.js';
import { Verb } from '../verbs.js';
import { waitingPath } from './now.js';

const DAY = 24 * 3600 * 1000;
const MARKS = 50;

export function FlowPage({ flow }) {
  const { status } = useLive();
  const path = '/api/flows/' + encodeURIComponent(flow);
  const about = useLoad((signal) => get(path, signal), [flow], 30000);
  const history = useLoad((signal) => get(query('/api/history', { flow, step: 'minute', since: new Date(Date.now() - DAY).toISOString() }), signal), [flow], 60000);
  const marks = useMemo(() => (history.data ? history.data.marks : []), [history.data]);
  const isNext = usePainted(Boolean(about.data && (history.data || history.error))); // forecasts would hold up the others
  const known = status && status.flows.find((one) => one.flow === flow);
  if (!status || !(about.data || (known && !about.error))) return html`<${Title}>${t('flow.title', { name: plain(flow) })}</${Title}><${Missing} of=${about} />`;
  const targets = status.targets.filter((one) => one.flow === flow).sort((a, b) => (a.target < b.target ? -1 : 1));
  const sources = status.sources.filter((one) => one.flows.includes(flow));
  const counts = known || about.data;
  const plots = [
    ['flow.rates', [{ field: 'accepted', label: t('plot.accepted'), colour: 'accent' }, { field: 'delivered', label: t('plot.delivered'), colour: 'ok' }, { field: 'failed', label: t('plot.failed'), colour: 'mild' }, { field: 'dead', label: t('plot.dead'), colour: 'bad' }]],
    ['flow.backlog', [{ field: 'pending', label: t('plot.pending'), colour: 'accent' }]],
    ['flow.age', [{ field: 'oldestSeconds', label: t('plot.oldest'), colour: 'mild' }]],
  ];
  return html`
    <${Title}>${t('flow.title', { name: '' })}<${Foreign} text=${flow} /></${Title}>
    <${Section} title=${t('flow.picture')}><${Picture} sources=${sources} counts=${counts} targets=${targets} history=${history.data} /></${Section}>
    ${plots.map(([title, series]) => html`<${Section} key=${title} title=${t(title)}>
      ${!history.data ? html`<${Missing} of=${history} />` : history.data.points.length === 0 ? html`<p class="quiet">${t('plot.none')}</p>` : html`<${Plot} label=${t(title)} points=${history.data.points} series=${series} marks=${marks} height=${150} />`}
    </${Section}>`)}
    ${targets.some(isDelivered) && html`<${Section} title=${t('flow.forecast')}>${targets.filter(isDelivered).map((one) => html`<${Chain} key=${one.target} flow=${flow} target=${one.target} isNext=${isNext} />`)}<${Command} text="./serai forecast" /></${Section}>`}
    <${Section} title=${t('flow.marks')}>${!history.data ? html`<${Missing} of=${history} />` : marks.length === 0 ? html`<p class="quiet">${t('flow.noMarks')}</p>` : html`<ul class="marks">${marks.slice(-MARKS).reverse().map((one) => html`<li key=${one.at + one.text}><time datetime=${one.at}>${clock(one.at)}</time> <${Foreign} text=${one.text} /></li>`)}</ul>`}</${Section}>
    <${Section} title=${t('flow.guarantees')}>${about.data ? html`<${Guarantees} rows=${about.data.guarantees || []} />` : html`<${Missing} of=${about} />`}<${Command} text="./serai check" /></${Section}>
    <${Section} title=${t('flow.routes')}>${!about.data ? html`<${Missing} of=${about} />` : about.data.routes.length === 0 ? html`<p class="quiet">${t('none')}</p>` : html`<${Table} label=${t('flow.routes')} rows=${about.data.routes} rowKey=${(one) => one.id} columns=${[
      { name: t('c.route'), value: (one) => html`<${Foreign} text=${one.id} mono />` },
      { name: t('c.target'), value: (one) => html`<${Foreign} text=${one.target ?? '–'} />` },
      { name: t('c.file'), wide: true, value: (one) => html`<${Foreign} text=${(one.file ?? '–') + (one.line ? ':' + one.line : '')} mono />` },
    ]} />`}</${Section}>`;
}

/** Whether this has been true for long enough to be on the screen. */
function usePainted(isReady) {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    let next = isReady && !isPainted ? requestAnimationFrame(() => (next = requestAnimationFrame(() => setPainted(true)))) : 0;
    return () => cancelAnimationFrame(next);
  }, [isReady]);
  return isPainted;
}

/** Of the others nothing is foretold. */
function isDelivered(target) {
  return target.state !== 'stopped' && target.state !== 'paused' && target.state !== 'starting';
}

/** The columns are what `check` prints, whatever they are. */
function Guarantees({ rows }) {
  if (rows.length === 0) return html`<p class="quiet">${t('none')}</p>`;
  const columns = Object.keys(rows[0]);
  return html`<${Table} label=${t('flow.guarantees')} rows=${rows} rowKey=${(row) => JSON.stringify(row)} columns=${columns.map((name) => ({
    name: tOr('c.' + name, plain(name)),
    wide: true,
    value: (row) => html`<${Foreign} text=${Array.isArray(row[name]) ? row[name].join(', ') : row[name] ?? '–'} />`,
  }))} />`;
}

/** Sources, the ledger and targets in three columns, with lines between them. */
function Picture({ sources, counts, targets, history }) {
  const box = useRef(null);
  const [lines, setLines] = useState([]);
  const last = history && history.points.length > 1 ? history.points[history.points.length - 2] : null;
  function draw() {
    const at = box.current.getBoundingClientRect();
    const middle = box.current.querySelector('[data-ledger]').getBoundingClientRect();
    const isColumn = middle.left - at.left < 40;
    const found = [];
    for (const node of box.current.querySelectorAll('[data-end]')) {
      const r = node.getBoundingClientRect();
      const isSource = node.dataset.end === 'source';
      const from = isColumn ? [0, 0] : isSource ? [r.right, r.top + r.height / 2] : [middle.right, middle.top + middle.height / 2];
      const to = isColumn ? [0, 0] : isSource ? [middle.left, middle.top + middle.height / 2] : [r.left, r.top + r.height / 2];
      if (!isColumn) found.push({ d: curve(from[0] - at.left, from[1] - at.top, to[0] - at.left, to[1] - at.top), weight: node.dataset.weight });
    }
    setLines((was) => (JSON.stringify(was) === JSON.stringify(found) ? was : found));
  }
  useLayoutEffect(draw);
  useEffect(() => {
    const watch = new ResizeObserver(draw);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return html`<div class="picture" ref=${box}>
    <svg class="picture-lines" aria-hidden="true">${lines.map((line) => html`<path d=${line.d} class=${'line-' + line.weight} />`)}</svg>
    <div class="picture-column">${sources.length === 0 ? html`<p class="quiet">${t('flow.noSources')}</p>` : sources.map((one) => html`<div class=${'node ' + weight(one.state)} data-end="source" data-weight=${weight(one.state)} key=${one.name}>
      <div class="trouble-head"><strong><${Foreign} text=${one.name} /></strong> <${State} word=${one.state} /></div>
      <p class="quiet">${tOr('kind.' + one.kind, plain(one.kind))}${one.lagSeconds !== null && one.lagSeconds !== undefined ? ' · ' + t('c.lag') + ' ' + duration(one.lagSeconds) : ''}</p>
      ${one.reason && html`<p class="reason"><${Foreign} text=${one.reason} /></p>`}</div>`)}</div>
    <div class="picture-column"><div class="node ledger" data-ledger>
      <strong>${t('flow.ledger')}</strong>
      <p>${t('flow.accepted', { n: count(counts.accepted) })}</p>
      ${last && html`<p class="quiet">${t('flow.minute', { n: count(last.accepted) })}</p>`}</div></div>
    <div class="picture-column">${targets.length === 0 ? html`<p class="quiet">${t('flow.noTargets')}</p>` : targets.map((one) => html`<div class=${'node ' + weight(one.state)} data-end="target" data-weight=${weight(one.state)} key=${one.target}>
      <div class="trouble-head"><strong><${Foreign} text=${one.target} /></strong> <${State} word=${one.state} /> <${Since} time=${one.since} /></div>
      <p class="quiet">${t('flow.minute', { n: count(one.perMinute) })} · <a href=${waitingPath(one)}><${N} of=${one.pending + one.delivering + one.retrying + one.blocked} /> ${t('stuck.waits')}</a> · <${N} of=${one.dead} bad /> ${t('state.dead')}</p>
      ${one.reason && html`<p class="reason"><${Foreign} text=${one.reason} /></p>`}
      <div class="verbs">${one.retrying > 0 && html`<${Verb} verb="retry" what=${{ flow: one.flow, target: one.target }} />`}
        ${one.dead > 0 && html`<${Verb} verb="replay" what=${{ flow: one.flow, target: one.target }} />`}
        <${Verb} verb=${one.state === 'paused' ? 'resume' : 'pause'} what=${{ flow: one.flow, target: one.target }} /></div></div>`)}</div>
  </div>`;
}

function curve(x1, y1, x2, y2) {
  const middle = (x1 + x2) / 2;
  return `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
}
