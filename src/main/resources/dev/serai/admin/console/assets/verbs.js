// Buttons that change something. Each shows the command that it stands for, counts first, and asks for a reason.
import { createContext, html, useContext, useEffect, useRef, useState } from './lib/preact.js';
import { post, remove } from './api.js';
import { command, plain, word } from './format.js';
import { Command, reasonOf } from './parts.js';
import { t } from './text.js';

/** Who is logged in, and what shows a dialog. */
export const Acting = createContext(null);

function onFilter(path, verb, counted) {
  return {
    path: () => path,
    command: (what, reason) => command(verb, what, reason),
    send: (what, reason, dryRun) => post(path, { ...what, ...(reason ? { reason } : {}), dryRun }),
    done: (answer) => answer[counted] ?? answer.matched,
    counts: true,
  };
}

function onTarget(word_, send) {
  return {
    command: (what, reason) => ['./serai targets', word_, word(what.flow + '/' + what.target), ...(reason ? ['--reason', word(reason)] : [])].join(' '),
    send,
    counts: false,
  };
}

const targetPath = (what) => '/api/targets/' + encodeURIComponent(what.flow) + '/' + encodeURIComponent(what.target);

export const reconcilePath = (what) => '/api/reconcile/' + encodeURIComponent(what.name);

/** @param body of the request, whose flags the command has as well */
function onReconciliation(body, ...flags) {
  const ofSample = (what) => (what.sample ? ['--sample', what.sample] : []);
  return {
    command: (what, reason) => ['./serai reconcile', word(what.name), ...ofSample(what), ...flags, ...(reason ? ['--reason', word(reason)] : [])].join(' '),
    send: (what, reason) => post(reconcilePath(what), { ...body, ...(what.sample ? { sample: what.sample } : {}), ...(reason ? { reason } : {}) }),
    counts: false,
    started: true,
  };
}

const VERBS = {
  reconcile: onReconciliation({}),
  reconcileSample: onReconciliation({}),
  reconcileDryRun: onReconciliation({ repair: true, dryRun: true }, '--repair', '--dry-run'),
  reconcileRepair: { ...onReconciliation({ repair: true }, '--repair'), danger: true },
  retry: onFilter('/api/retry', 'retry', 'retried'),
  skip: { ...onFilter('/api/skip', 'skip', 'skipped'), danger: true },
  replay: { ...onFilter('/api/dead/replay', 'dead replay', 'replayed'), rate: true },
  discard: { ...onFilter('/api/dead/discard', 'dead discard', 'discarded'), danger: true },
  pause: onTarget('pause', (what, reason) => post(targetPath(what) + '/pause', reason ? { reason } : {})),
  resume: onTarget('resume', (what, reason) => post(targetPath(what) + '/resume', reason ? { reason } : {})),
  remove: { ...onTarget('remove', (what, reason) => remove(targetPath(what), reason ? { reason } : {})), danger: true },
  resumeReplay: {
    command: (what, reason) => ['./serai dead replays resume', what.id, ...(reason ? ['--reason', word(reason)] : [])].join(' '),
    send: (what, reason) => post('/api/replays/' + what.id + '/resume', reason ? { reason } : {}),
    counts: false,
  },
  stop: {
    command: (what, reason) => ['./serai dead replays stop', what.id, ...(reason ? ['--reason', word(reason)] : [])].join(' '),
    send: (what, reason) => remove('/api/replays/' + what.id, reason ? { reason } : {}),
    counts: false,
    danger: true,
  },
};

/** @param what the filter of the API, or `{ flow, target }` of a target, `{ id }` of a replay, or `{ name }` of a reconciliation */
export function Verb({ verb, what, onDone, small }) {
  const acting = useContext(Acting);
  const may = acting.session.role === 'operate';
  return html`<button type="button" class=${(small === false ? '' : 'small ') + (VERBS[verb].danger ? 'danger' : '')} disabled=${!may}
    title=${may ? '' : t('do.needsOperate')} onClick=${() => acting.show({ verb, what, onDone })}>${t('verb.' + verb)}</button>`;
}

/** The dialog of one action, from the count of what matches to its result. */
export function VerbDialog({ verb, what, onDone, onClose }) {
  const kind = VERBS[verb];
  const box = useRef(null);
  const [reason, setReason] = useState('');
  const [rate, setRate] = useState(kind.rate ? '50' : '');
  const [state, set] = useState(kind.counts ? { step: 'counting' } : { step: 'ask' });
  useEffect(() => {
    box.current.showModal();
    if (kind.counts) {
      kind.send(what, '', true).then(
        (answer) => set({ step: answer.matched > 0 ? 'ask' : 'nothing', matched: answer.matched }),
        (error) => set({ step: 'refused', error }),
      );
    }
  }, []);

  const order = kind.rate ? { ...what, rate: rate === '' ? 50 : Number(rate) } : what;
  async function go(event) {
    event.preventDefault();
    set({ step: 'sending', matched: state.matched });
    try {
      const answer = await kind.send(order, reason.trim(), false);
      set({ step: 'done', answer });
      if (onDone) onDone();
    } catch (error) {
      set({ step: 'refused', error });
    }
  }

  const name = what.target && what.flow ? plain(what.flow) + '/' + plain(what.target) : '';
  const open = state.step === 'ask' || state.step === 'sending';
  return html`<dialog ref=${box} onClose=${onClose} aria-labelledby="verb-title">
    <form onSubmit=${go}>
      <h2 id="verb-title">${t('verb.' + verb)}${name ? html` <bdi class="quiet">${name}</bdi>` : ''}</h2>
      <p>${t('do.' + verb, { what: name })}</p>
      <div aria-live="polite">
        ${state.step === 'counting' && html`<p class="quiet">${t('do.counting')}</p>`}
        ${state.step === 'nothing' && html`<p>${t('do.nothing')}</p>`}
        ${open && kind.counts && html`<p><strong>${t('do.matched', { n: state.matched })}</strong></p>`}
        ${state.step === 'done' && html`<p class="ok-text">${doneText(kind, state.answer)}</p>`}
        ${state.step === 'refused' && html`<p class="problem">${t('do.refused', { reason: reasonOf(state.error) })}</p>`}
      </div>
      ${open && kind.rate && html`<label>${t('do.rate')}<input type="number" min="0" max="100000" step="any" value=${rate} onInput=${(e) => setRate(e.target.value)} /></label>`}
      ${open && html`<label><span>${t('do.reason')}, ${t('do.reasonHint')}</span>
        <input type="text" maxlength="300" autofocus value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>
        <p class="label">${t('command')}</p><${Command} text=${kind.command(order, reason.trim())} />`}
      <div class="buttons">
        <button type="button" onClick=${() => box.current.close()}>${open ? t('cancel') : t('close')}</button>
        ${open && html`<button class=${kind.danger ? 'primary danger' : 'primary'} disabled=${state.step === 'sending'}>${t('verb.' + verb)}</button>`}
      </div>
    </form>
  </dialog>`;
}

function doneText(kind, answer) {
  if (answer.running) return t('do.replaying');
  if (kind.started) return t('do.started');
  return kind.counts ? t('do.done', { n: kind.done(answer) }) : t('do.doneAll');
}
