// Replays and how far they are, with a bar, a stop, and a way to go on after one.
import { html } from '../lib/preact.js';
import { get } from '../api.js';
import { command, plain } from '../format.js';
import { Ago, Bar, Foreign, Missing, Section, State, useLive, useLoad } from '../parts.js';
import { t } from '../text.js';
import { Verb } from '../verbs.js';

const ACTIVE = ['running', 'settling'];

/** @param open only those under way, and nothing if there is none */
export function Replays({ title, open }) {
  const now = useLive();
  const loaded = useLoad((signal) => get('/api/replays', signal), [], 5000);
  const all = now.connected && now.replays.length > 0 ? now.replays : loaded.data;
  if (!all) return open ? null : html`<${Section} title=${title}><${Missing} of=${loaded} /></${Section}>`;
  const shown = open ? all.filter((one) => ACTIVE.includes(one.state)) : all.slice(0, 20);
  if (shown.length === 0) return open ? null : html`<${Section} title=${title}><p class="quiet">${t('ops.noReplays')}</p></${Section}>`;
  return html`<${Section} title=${title}><ul class="replays">${shown.map((one) => html`<li key=${one.id}>
    <div class="trouble-head"><${State} word=${one.state} /> <code>${command('dead replay', one.filter)}</code> <span class="quiet"><${Ago} time=${one.startedAt} /></span>
      ${ACTIVE.includes(one.state) && html`<${Verb} verb="stop" what=${{ id: one.id }} onDone=${loaded.again} />`}
      ${one.state === 'stopped' && one.left > 0 && html`<${Verb} verb="resumeReplay" what=${{ id: one.id }} onDone=${loaded.again} />`}</div>
    <${Bar} done=${one.settled} failed=${one.failed} all=${one.matched} />
    <p class="quiet">${t('replay.of', { n: one.settled + one.failed, all: one.matched })} · ${t('replay.settled', { n: one.settled })} ·
      ${' '}<span class=${one.failed > 0 ? 'bad-text' : ''}>${t('replay.failed', { n: one.failed })}</span> · ${t('replay.open', { n: one.open })} · ${t('replay.left', { n: one.left })}</p>
    ${one.reason && html`<p class="reason"><${Foreign} text=${plain(one.reason)} /></p>`}
  </li>`)}</ul></${Section}>`;
}
