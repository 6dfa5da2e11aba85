/** Where a node of the bench leaves its profile: beside its data, so that it goes with it. */
export function profilePath(data: string): string {
  return `${data}.cpuprofile`;
}
