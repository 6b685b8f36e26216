// The words of the console in English and Chinese.
import en from './text.en.js';
import zh from './text.zh.js';

const ALL = { en, zh };
const KEY = 'serai.language';
let chosen = stored() || (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

function stored() {
  const value = localStorage.getItem(KEY);
  return value in ALL ? value : null;
}

export function language() {
  return chosen;
}

export function choose(value) {
  chosen = value;
  localStorage.setItem(KEY, value);
  document.documentElement.lang = value === 'zh' ? 'zh-Hans' : 'en';
}

/** The text of a key, with {names} replaced; of a count, `key.one` if there is one. */
export function t(key, values = {}) {
  const words = ALL[chosen];
  const text = (values.n === 1 && words[key + '.one']) || words[key];
  if (text === undefined) throw new Error('no text ' + key);
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
}

/** The text of a key that may be unknown, such as a state: otherwise the word itself. */
export function tOr(key, word) {
  return ALL[chosen][key] ?? word;
}

choose(chosen);
