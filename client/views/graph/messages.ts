/** What the page of a graph is told. */
export type ToGraphPage =
  | {
      readonly kind: 'graph';
      readonly title: string;
      /** For a person: "57 modules, 62 dependencies". */
      readonly summary: string;
      /** Drawings that renderGraph() and renderLegend() made. */
      readonly graph: string;
      readonly legend: string;
      /** The rules for both. */
      readonly style: string;
      /** The theme variables whose values an export sends back. */
      readonly variables: readonly string[];
    }
  | { readonly kind: 'problem'; readonly title: string; readonly text: string };

/** What a person asked for in the page of a graph. */
export type FromGraphPage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open'; readonly name: string }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'export'; readonly colours: readonly (readonly [string, string])[] };
