/**
 * The column of each module, from 0: behind the columns of all that need it. Of a circle, the line that closes it
 * counts for nothing. Takes as many steps as there are modules and needs.
 */
export function columnsOf(
  names: readonly string[],
  needs: (name: string) => readonly string[],
): ReadonlyMap<string, number> {
  const order = usersFirst(names, needs);
  const places = new Map(order.map((name, place) => [name, place]));
  const columns = new Map(names.map((name) => [name, 0]));
  order.forEach((name, place) => {
    const behind = (columns.get(name) ?? 0) + 1;
    for (const needed of needs(name)) {
      if ((places.get(needed) ?? 0) > place) columns.set(needed, Math.max(columns.get(needed) ?? 0, behind));
    }
  });
  return columns;
}

/** Each in front of what it needs, but where they need each other; a walk in depth, backwards. */
function usersFirst(names: readonly string[], needs: (name: string) => readonly string[]): string[] {
  const left: string[] = [];
  const seen = new Set<string>();
  const enter = (name: string) => {
    seen.add(name);
    return { name, needed: needs(name).values() };
  };
  for (const name of names) {
    const open = seen.has(name) ? [] : [enter(name)];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const next = last.needed.next();
      if (next.done === true) {
        left.push(last.name);
        open.pop();
      } else if (!seen.has(next.value)) {
        open.push(enter(next.value));
      }
    }
  }
  return left.reverse();
}
