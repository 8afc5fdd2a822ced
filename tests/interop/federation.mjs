// SPDX-License-Identifier: EUPL-1.2
// Real nodes for live.mjs: their homes, processes, command line and API. What they answer is judged
// there.
import { execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const PATIENCE_MS = 60000;

/** Ports that were free a moment ago. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  })));
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
  return ports;
}

/** Probes until the answer is true; a failing probe is no answer yet. */
export async function until(what, probe) {
  const deadline = Date.now() + PATIENCE_MS;
  for (let last; ;) {
    try {
      last = await probe();
      if (last === true) return;
    } catch (error) {
      last = error.message;
    }
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}: ${last}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

export class LiveNode {
  constructor(build, home) {
    this.build = build;
    this.home = home;
    this.daemon = null;
  }

  /** What `sitrep` writes: stdout as a Buffer, stderr as text. */
  async sitrep(...args) {
    const run = promisify(execFile);
    const all = ['--home', this.home, ...args];
    const options = { encoding: 'buffer', maxBuffer: 2 ** 26, timeout: PATIENCE_MS };
    const { stdout, stderr } = await run(`${this.build}/sitrep`, all, options);
    return { stdout, stderr: stderr.toString() };
  }

  start() {
    const log = openSync(`${this.home}.log`, 'a');
    this.daemon = spawn(`${this.build}/sitrepd`, ['--home', this.home], {
      stdio: ['ignore', log, log],
    });
    this.ended = new Promise((resolve) => {
      this.daemon.on('exit', (code, signal) => resolve(code ?? signal));
      this.daemon.on('error', (error) => resolve(error.message));
    });
  }

  /** The exit code, or the signal that ended it. */
  async stop() {
    this.daemon.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), PATIENCE_MS);
    const end = await this.ended;
    clearTimeout(timer);
    this.daemon = null;
    return end;
  }

  kill() {
    this.daemon?.kill('SIGKILL');
  }

  /** The body of an answer with status 200. */
  get(path) {
    const options = { socketPath: `${this.home}/api.sock`, path, headers: { Host: 'localhost' } };
    return new Promise((resolve, reject) => {
      request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(new Uint8Array(body));
          else reject(new Error(`${path}: ${response.statusCode} ${body}`));
        });
      }).on('error', reject).end();
    });
  }

  async getJson(path) {
    return JSON.parse(Buffer.from(await this.get(path)));
  }
}
