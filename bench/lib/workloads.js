// The synthetic workloads of bench/harness/workloads.c and how many allocations one run of each makes: enough for some
// 15 ms, so that the clock's microsecond doesn't show.

/** @type {Record<string, number>} */
export const workloads = {
  pair: 2_000_000,
  lifo: 1_500_000,
  fifo: 1_500_000,
  churn_small: 1_000_000,
  churn_mixed: 500_000,
  churn_large: 150_000,
  realloc_grow: 100_000,
  cfrac: 1_000_000,
  larson: 600_000,
  tree: 800_000,
  strings: 600_000,
  fragment: 900_000,
};
