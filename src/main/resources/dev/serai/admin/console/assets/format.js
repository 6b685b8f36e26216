// How numbers, ages and foreign text are written.
import { language, t } from './text.js';

const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/** Foreign text in one line: control characters and those that turn its direction become visible. */
export function plain(value) {
  return String(value ?? '').replace(INVISIBLE, (c) => {
    const code = c.codePointAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\\u' + code.toString(16).padStart(4, '0');
  });
}

/** The same for text of several lines. */
export function lines(value) {
  return String(value ?? '').split(/(\r?\n|\t)/).map((part) => (/^(\r?\n|\t)$/.test(part) ? part : plain(part))).join('');
}

export function count(value) {
  return value === null || value === undefined ? '–' : Number(value).toLocaleString(language() === 'zh' ? 'zh-CN' : 'en-GB');
}

const UNITS = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A duration of so many seconds in its two largest units. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '–';
  if (seconds < 10) return (Math.round(seconds * 10) / 10).toString() + ' ' + t('unit.s');
  let left = Math.round(seconds);
  const parts = [];
  for (const [size, name] of UNITS) {
    const n = Math.floor(left / size);
    if (n > 0 || (parts.length > 0 && parts.length < 2)) {
      if (n > 0) parts.push(n + ' ' + t('unit.' + name));
      else break;
      left -= n * size;
    }
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 ' + t('unit.s') : parts.join(' ');
}

/** Seconds from a time until now; negative if it is to come. */
export function ageOf(time, now = Date.now()) {
  return time ? (now - Date.parse(time)) / 1000 : null;
}

/** "3 min ago" or "in 3 min". */
export function relative(time, now = Date.now()) {
  const seconds = ageOf(time, now);
  if (seconds === null || Number.isNaN(seconds)) return '–';
  return seconds >= 0 ? t('ago', { age: duration(seconds) }) : t('in', { age: duration(-seconds) });
}

export function bytes(value) {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let left = value;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit++;
  }
  return (unit === 0 ? left.toFixed(0) : left.toFixed(1)) + ' ' + units[unit];
}

/** The local time, with the date if it is not today. */
export function clock(time) {
  if (!time) return '–';
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return plain(time);
  const two = (n) => String(n).padStart(2, '0');
  const hours = two(at.getHours()) + ':' + two(at.getMinutes()) + ':' + two(at.getSeconds());
  const today = new Date();
  const day = at.getFullYear() + '-' + two(at.getMonth() + 1) + '-' + two(at.getDate());
  return at.toDateString() === today.toDateString() ? hours : day + ' ' + hours;
}

/** A time as a field for local time has it; empty if it is none. */
export function localTime(time) {
  const at = new Date(time || '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

/** The time of such a field in UTC, as the API reads it; empty if the field is. */
export function utc(local) {
  const at = new Date(local || '');
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}

/** A word of the shell, quoted if it has to be. */
export function word(value) {
  const text = String(value);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : "'" + plain(text).replaceAll("'", "'\\''") + "'";
}

/** The command that does what a filter of the API does. */
export function command(verb, filter, reason) {
  const parts = ['./serai', verb];
  const options = {
    flow: '--flow', target: '--target', error: '--error', cause: '--cause', status: '--status',
    since: '--since', until: '--until',
  };
  for (const [field, option] of Object.entries(options)) {
    if (filter[field] !== undefined && filter[field] !== null && filter[field] !== '') parts.push(option, word(filter[field]));
  }
  (filter.keys || []).forEach((key) => parts.push('--key', word(key)));
  (filter.sequences || []).forEach((sequence) => parts.push('--sequence', sequence));
  if (filter.rate !== undefined && filter.rate !== null && filter.rate !== '') parts.push('--rate', filter.rate);
  if (filter.all) parts.push('--all');
  if (reason) parts.push('--reason', word(reason));
  return parts.join(' ');
}
