/** The value below which this share of the samples lies (nearest rank). */
export function percentile(samples, share) {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export const median = (samples) => percentile(samples, 0.5);
