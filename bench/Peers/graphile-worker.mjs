// Jobs per second of graphile-worker for the shapes that bench/run measures. It keeps no history and knows no DAG:
// a chain is a job that adds the next one, a fan-out one that adds all the others.
// Usage: node graphile-worker.mjs CONNECTION; prints {"chains": jobs/s, "fans": jobs/s}
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const connectionString = process.argv[2];
const logger = new Logger(() => () => {});

let left = 0;
let ended = () => {};
const count = () => {
  if (--left === 0) ended();
};

const taskList = {
  chain: async ({ rest }, { addJob }) => {
    if (rest > 0) await addJob("chain", { rest: rest - 1 });
    count();
  },
  fan: async ({ width }, { addJobs }) => {
    await addJobs(Array.from({ length: width }, () => ({ identifier: "leaf", payload: {} })));
    count();
  },
  leaf: async () => count(),
};

const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
const runner = await run({ connectionString, logger, taskList, concurrency: 16, noHandleSignals: true });

async function perSecond(jobs, add) {
  left = jobs;
  const all = new Promise((resolve) => (ended = resolve));
  const since = performance.now();
  await add();
  await all;
  return jobs / ((performance.now() - since) / 1000);
}

const chains = () =>
  perSecond(1000, () => Promise.all(Array.from({ length: 100 }, () => utils.addJob("chain", { rest: 9 }))));
const fans = () =>
  perSecond(1000, () => Promise.all(Array.from({ length: 10 }, () => utils.addJob("fan", { width: 99 }))));

async function median(measure) {
  await measure(); // warm-up
  const values = [];
  for (let round = 0; round < 5; round++) values.push(await measure());
  return values.sort((a, b) => a - b)[2];
}

console.log(JSON.stringify({ chains: await median(chains), fans: await median(fans) }));
await runner.stop();
await utils.release();
