// Asks the admin API with the session's cookie.

/** An answer that is not a success; `status` is 0 if there was none. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const ended = new Set();

/** Calls back whenever an answer says that there is no session. */
export function onSessionEnd(listener) {
  ended.add(listener);
}

async function ask(method, path, body, signal) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') headers['Serai-Console'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (e) {
    throw new Refusal(0, '');
  }
  const text = await response.text();
  let json = null;
  try {
    json = text === '' ? null : JSON.parse(text);
  } catch (e) {
    // an answer of something in between, such as a proxy
  }
  if (!response.ok) {
    const refusal = new Refusal(response.status, (json && (json.detail || json.title)) || 'HTTP ' + response.status);
    if (response.status === 401 && path !== '/console/session') ended.forEach((listener) => listener(refusal.message));
    throw refusal;
  }
  return { json, next: next(response.headers.get('Link')) };
}

/** The path of the next page of a list, or null. */
function next(link) {
  const found = link && /<(\/[^>]*)>; rel="next"/.exec(link);
  return found ? found[1] : null;
}

/** A path with a query; parameters that are empty are left out, lists are repeated. */
export function query(path, parameters) {
  const parts = [];
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') parts.push(name + '=' + encodeURIComponent(one));
    }
  }
  return parts.length === 0 ? path : path + '?' + parts.join('&');
}

/** @param signal ends the request when nobody waits for its answer any more */
export const get = async (path, signal) => (await ask('GET', path, undefined, signal)).json;
export const page = (path, signal) => ask('GET', path, undefined, signal);

/** Pages of a list until there are this many elements, or so many pages were asked for: a page may have none although more follow. */
export async function pages(path, enough, most, signal) {
  let found = await page(path, signal);
  let json = found.json;
  for (let asked = 1; found.next && json.length < enough && asked < most; asked++) {
    found = await page(found.next, signal);
    json = json.concat(found.json);
  }
  return { json, next: found.next };
}

export const post = async (path, body) => (await ask('POST', path, body)).json;
export const put = async (path, body) => (await ask('PUT', path, body)).json;
export const remove = async (path, body) => (await ask('DELETE', path, body)).json;
