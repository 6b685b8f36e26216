// A relay around pg-boss, as people write them: a POST at /hook becomes a job, and is answered 202 when that is
// committed; workers post the jobs' bodies to the target.
//
//   node relay.mjs PORT TARGET-URL DATABASE-URL
//
// What fails is tried again by pg-boss, beside the others of its key: it keeps no order. Requests that arrive while an
// insert is under way go together into the next, and jobs are fetched and completed in batches, so that the database
// commits once for many. Workers poll, and fetch again at once after a full batch: woken by NOTIFY they fetch fewer at a
// time, and a change costs more. Taking in and delivering are a process each, since each has one thread.

import { fork } from 'node:child_process'
import http from 'node:http'
import { PgBoss } from 'pg-boss'
import { Pool } from 'undici'

const QUEUE = 'changes'
const INSERTED_MAX = 256
const WORKERS = 2
const FETCHED_MAX = 64
const POLLED_SECONDS = 0.5
const AT_ONCE = 64

const [port, target, database, role] = process.argv.slice(2)

/** It ends when something fails that nobody waits for: its result would mean nothing. */
async function start(options) {
  const boss = new PgBoss({ connectionString: database, ...options })
  boss.on('error', error => {
    console.error(error)
    process.exit(1)
  })
  return boss.start()
}

/** Makes jobs of requests; those that come while an insert is under way wait for the next one. */
class Intake {
  #boss
  #waiting = []
  #inserting = false

  constructor(boss) {
    this.#boss = boss
  }

  add(body, done) {
    this.#waiting.push({ body, done })
    this.#insert()
  }

  async #insert() {
    if (this.#inserting || this.#waiting.length === 0) {
      return
    }
    const group = this.#waiting.splice(0, INSERTED_MAX)
    this.#inserting = true
    let status = 202
    try {
      await this.#boss.insert(QUEUE, group.map(({ body }) => ({ data: { body } })))
    } catch (error) {
      console.error(error)
      status = 503
    }
    this.#inserting = false
    group.forEach(({ done }) => done(status))
    this.#insert()
  }
}

async function takeIn() {
  const boss = await start()
  await boss.createQueue(QUEUE, { retryLimit: 1000, retryDelay: 1, retryBackoff: true })
  const workers = fork(process.argv[1], [port, target, database, 'deliver'])
  workers.on('exit', code => process.exit(code ?? 1))
  await new Promise(ready => workers.once('message', ready))

  const intake = new Intake(boss)
  const server = http.createServer((request, response) => {
    if (request.method !== 'POST') {
      response.end('ready')
      return
    }
    const chunks = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => intake.add(Buffer.concat(chunks).toString(), status => response.writeHead(status).end()))
  })
  server.keepAliveTimeout = 60_000
  server.listen(Number(port), '127.0.0.1')
}

async function deliver() {
  const boss = await start({ supervise: false, schedule: false })
  const { origin, pathname } = new URL(target)
  const pool = new Pool(origin, { connections: AT_ONCE })

  async function post({ id, data }) {
    try {
      const headers = { 'content-type': 'application/json' }
      const answer = await pool.request({ path: pathname, method: 'POST', headers, body: data.body })
      await answer.body.dump()
      return { id, status: answer.statusCode < 300 ? 'completed' : 'failed' }
    } catch (error) {
      return { id, status: 'failed', output: { message: error.message } }
    }
  }

  const options = {
    batchSize: FETCHED_MAX,
    localConcurrency: WORKERS,
    pollingIntervalSeconds: POLLED_SECONDS,
    burstWhenBatchFull: true,
    perJobResults: true,
  }
  await boss.work(QUEUE, options, jobs => Promise.all(jobs.map(post)))
  process.send('ready')
}

await (role === 'deliver' ? deliver() : takeIn())
