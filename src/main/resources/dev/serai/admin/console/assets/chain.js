// The delivery chain of a target as a drawn graph, and what is foretold from it.
import { html } from './lib/preact.js';
import { get } from './api.js';
import { clock, count, duration, plain } from './format.js';
import { Foreign, Missing, useLoad } from './parts.js';
import { t } from './text.js';

const STEP = 124;
const BOX = 76;
const TOP = 46;
const BOTTOM = 176;
const HEIGHT = 30;
/** The forecast that is asked for last: the node computes one at a time, and a browser has few connections. */
let last = Promise.resolve();
/** Rarer transitions are not drawn. */
const SHOWN = 0.0005;

function inTurn(ask) {
  const mine = last.then(ask);
  last = mine.catch(() => {});
  return mine;
}

/**
 * What becomes of the changes of a target.
 *
 * @param isNext false while there are requests to wait for
 */
export function Chain({ flow, target, isNext }) {
  const path = '/api/forecast/' + encodeURIComponent(flow) + '/' + encodeURIComponent(target);
  const forecast = useLoad(isNext && ((signal) => inTurn(() => get(path, signal))), [flow, target, isNext], 60000);
  const told = forecast.data;
  if (!told) return html`<div class=${'chain' + (forecast.error ? '' : ' computing')}><h3><${Foreign} text=${target} /></h3><${Missing} of=${forecast} text=${t('chain.computing')} /></div>`;
  return html`<div class="chain">
    <h3><${Foreign} text=${target} /></h3>
    <p>${t('chain.arrives', { share: percent(told.delivered), low: percent(told.deliveredInterval.p5), high: percent(told.deliveredInterval.p95), attempts: Math.round(told.attempts * 100) / 100 })}
      ${told.secondsToConsistency.p95 !== null && ' ' + t('chain.within', { half: duration(told.secondsToConsistency.p50), most: duration(told.secondsToConsistency.p95) })}</p>
    <p>${drained(told.drainedAt)} ${t('chain.dead', { expected: rounded(told.deadWithinHour.expected), high: count(told.deadWithinHour.p95) })}</p>
    ${told.drift && html`<p class="reason">${t('chain.drift', { lately: percent(told.drift.lately), usual: percent(told.drift.usual) })}</p>`}
    <${Graph} target=${plain(target)} states=${told.chain.states} matrix=${told.chain.matrix} />
    <p class="quiet">${told.score.n === 0 ? t('chain.noScore') : t('chain.score', { n: count(told.score.n), brier: told.score.brier.toFixed(4), plain: told.score.baselines.plain.brier.toFixed(4) })}</p>
  </div>`;
}

function drained(at) {
  if (!at) return t('chain.consistent');
  if (!at.p95) return t('chain.never');
  return t('chain.drained', { half: clock(at.p50), most: clock(at.p95) });
}

function rounded(value) {
  return count(value < 10 ? Math.round(value * 100) / 100 : Math.round(value));
}

/** With as many digits as tell it from 0 and 100. */
function percent(share) {
  const distance = Math.min(share, 1 - share);
  if (distance > 0 && distance < 0.0001) return share < 0.0001 ? '<0.01 %' : '>99.99 %';
  return (100 * share).toFixed(distance === 0 || distance >= 0.01 ? 0 : distance >= 0.001 ? 1 : 2) + ' %';
}

/** Attempts in a row, both ends below; an arrow is as thick as it is likely. */
function Graph({ target, states, matrix }) {
  const attempts = states.slice(0, -2);
  const deliveredTo = attempts.length;
  const deadTo = attempts.length + 1;
  const width = Math.max(3, attempts.length) * STEP + 20;
  const x = (i) => 20 + i * STEP;
  const deadX = width - BOX - 20;
  const deliveredX = Math.min(x((attempts.length - 1) / 3), deadX - STEP);
  const edges = [];
  attempts.forEach((name, i) => {
    const row = matrix[i];
    const middle = x(i) + BOX / 2;
    if (i + 1 < attempts.length && row[i + 1] >= SHOWN) {
      edges.push({ d: `M${x(i) + BOX},${TOP + HEIGHT / 2} H${x(i + 1) - 6}`, share: row[i + 1], at: [x(i) + BOX + (STEP - BOX) / 2, TOP + HEIGHT / 2 - 6], kind: 'mild' });
    }
    if (row[i] >= SHOWN) {
      edges.push({ d: `M${middle - 12},${TOP} C${middle - 26},${TOP - 34} ${middle + 26},${TOP - 34} ${middle + 12},${TOP - 5}`, share: row[i], at: [middle, TOP - 30], kind: 'mild' });
    }
    for (const [to, endX, kind] of [[deliveredTo, deliveredX, 'ok'], [deadTo, deadX, 'bad']]) {
      if (row[to] < SHOWN) continue;
      const from = middle + (kind === 'ok' ? -16 : 16);
      const end = endX + BOX / 2;
      edges.push({ d: `M${from},${TOP + HEIGHT} L${end},${BOTTOM - 6}`, share: row[to], at: [from + (end - from) * 0.3, TOP + HEIGHT + (BOTTOM - TOP - HEIGHT) * (kind === 'ok' ? 0.3 : 0.5)], kind });
    }
  });
  const boxes = [...attempts.map((name, i) => [x(i), TOP, t('chain.attempt', { number: name }), '']), [deliveredX, BOTTOM, t('state.delivered'), 'ok'], [deadX, BOTTOM, t('state.dead'), 'bad']];
  return html`<div class="chain-graph" tabindex="0" role="region" aria-label=${t('chain.graph') + ': ' + target}><svg role="img" aria-label=${t('chain.graph')} width=${width} height=${BOTTOM + HEIGHT + 10} viewBox=${`0 0 ${width} ${BOTTOM + HEIGHT + 10}`}>
    <defs>${['ok', 'mild', 'bad'].map((kind) => html`<marker key=${kind} id=${'chain-' + kind} class=${'chain-head ' + kind} markerUnits="userSpaceOnUse" markerWidth="8" markerHeight="8" refX="5" refY="4" orient="auto"><path d="M0,0 L8,4 L0,8 z" /></marker>`)}</defs>
    ${edges.map((edge) => html`<path key=${edge.d} class=${'chain-line ' + edge.kind} d=${edge.d} stroke-width=${(1 + 4 * edge.share).toFixed(1)} marker-end=${`url(#chain-${edge.kind})`} />`)}
    ${edges.map((edge) => html`<text key=${'t' + edge.d} class="chain-share" x=${edge.at[0]} y=${edge.at[1]} text-anchor="middle">${percent(edge.share)}</text>`)}
    ${boxes.map(([left, top, name, kind]) => html`<g key=${name}><rect class=${'chain-box ' + kind} x=${left} y=${top} width=${BOX} height=${HEIGHT} rx="6" /><text class="chain-name" x=${left + BOX / 2} y=${top + HEIGHT / 2 + 4} text-anchor="middle">${name}</text></g>`)}
  </svg></div>`;
}
