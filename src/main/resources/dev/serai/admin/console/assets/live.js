// What the node pushes: its status, new entries of the audit, and replays under way.
import { get, onSessionEnd, Refusal } from './api.js';

const RETRY_MIN = 1000;
const RETRY_MAX = 15000;
const POLL = 5000;

/** `status` is the newest known; `at` is when it came; `connected` is false while it may be out of date. */
const state = { status: null, at: null, connected: false, replays: [], log: 0 };
const listeners = new Set();
let wanted = false;
let source = null;
let timer = null;
let retry = RETRY_MIN;

export function live() {
  return state;
}

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  listeners.forEach((listener) => listener());
}

export function start() {
  stop();
  wanted = true;
  connect();
}

// A browser has six connections to a server for all its tabs, and those that nobody sees, or that it keeps for "back", would use them up.
function connect() {
  close();
  if (!wanted || document.hidden) return;
  source = new EventSource('/api/events');
  source.addEventListener('status', (event) => {
    retry = RETRY_MIN;
    take(JSON.parse(event.data));
  });
  source.addEventListener('replays', (event) => {
    state.replays = JSON.parse(event.data);
    changed();
  });
  source.addEventListener('log', () => {
    state.log++;
    changed();
  });
  source.addEventListener('bye', () => lost());
  source.onerror = lost;
}

function take(status) {
  state.status = status;
  state.at = Date.now();
  state.connected = true;
  changed();
}

/** Asks once itself, which also tells whether the session ended, and then connects again. */
async function lost() {
  close();
  state.connected = false;
  changed();
  const wait = retry;
  retry = Math.min(retry * 2, RETRY_MAX);
  try {
    take(await get('/api/status'));
    timer = setTimeout(connect, Math.min(wait, POLL));
  } catch (e) {
    if (e instanceof Refusal && e.status === 401) return;
    timer = setTimeout(connect, wait);
  }
}

function close() {
  if (source !== null) source.close();
  source = null;
  clearTimeout(timer);
}

export function stop() {
  wanted = false;
  close();
  state.connected = false;
}

onSessionEnd(stop);
document.addEventListener('visibilitychange', connect);
window.addEventListener('pagehide', close);
window.addEventListener('pageshow', (event) => event.persisted && connect());
