/**
 * Cuts a failing plan down to what the failure needs: fault events first, half of them, quarters, at last one
 * by one (ddmin, Zeller and Hildebrandt 2002), then the outcasts, then the time. That works because a plan is
 * data: what is left out leaves the rest as it was. Whether a smaller plan still fails *in the same way* is
 * asked of `fails`; it stops asking when the patience is at its end.
 */
import type { Plan } from '../plan.ts';

interface ShrinkBy {
  /** Whether this plan breaks the same invariant. */
  readonly fails: (plan: Plan) => Promise<boolean>;
  /** Whether there is time for one more. */
  readonly patient: () => boolean;
}

/** A cluster needs some time to be born before anything can go wrong. */
const SAFETY_MS_MIN = 2_000;

/** The smallest plan found that fails; the given one, if none is smaller. */
export async function shrink(plan: Plan, by: ShrinkBy): Promise<Plan> {
  const fewer = await fewest(plan.faults, faults => tried({ ...plan, faults }, by));
  const calmer = { ...plan, faults: fewer };
  const outcasts = await fewest(calmer.outcasts, less => tried({ ...calmer, outcasts: less }, by));
  return await shortest({ ...calmer, outcasts }, by);
}

/** What is left when nothing more can be taken out; large pieces first. */
async function fewest<T>(
  items: readonly T[],
  fails: (fewer: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (items.length === 0 || (await fails([]))) return [];
  let kept = items;
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let before = -1; before !== kept.length; ) {
      before = kept.length;
      kept = await withoutPieces(kept, { size, fails });
    }
  }
  return kept;
}

/** Tries to do without each piece of this size once. */
async function withoutPieces<T>(
  items: readonly T[],
  { size, fails }: { size: number; fails: (fewer: readonly T[]) => Promise<boolean> },
): Promise<readonly T[]> {
  let kept = items;
  for (let at = 0; at < kept.length && kept.length > 1; ) {
    const fewer = kept.toSpliced(at, size);
    if (fewer.length > 0 && (await fails(fewer))) kept = fewer;
    else at += size;
  }
  return kept;
}

async function shortest(plan: Plan, by: ShrinkBy): Promise<Plan> {
  let kept = plan;
  for (let ms = half(kept); ms >= SAFETY_MS_MIN; ms = half(kept)) {
    const shorter = { ...kept, safetyMs: ms, faults: kept.faults.filter(({ at }) => at < ms) };
    if (!(await tried(shorter, by))) break;
    kept = shorter;
  }
  return kept;
}

function half({ safetyMs }: Plan): number {
  return Math.floor(safetyMs / 2);
}

async function tried(plan: Plan, { fails, patient }: ShrinkBy): Promise<boolean> {
  return patient() && (await fails(plan));
}
