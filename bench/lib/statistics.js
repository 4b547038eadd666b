// The few statistics the reports use.

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/** @param {number[]} values @param {number} share 0 to 1 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** @param {number[]} values */
export function geomean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * The ratio of two series that were measured side by side: the median over the rounds with its quartiles, and the ratio of
 * the minima, which a busy machine disturbs least.
 * @param {number[]} values @param {number[]} baseline the same rounds
 */
export function ratio(values, baseline) {
  const ratios = values.map((value, round) => value / baseline[round]);
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75), minimum: Math.min(...values) / Math.min(...baseline) };
}
