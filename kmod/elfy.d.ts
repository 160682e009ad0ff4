/** elfy 1.0.0 ships no types. Only what elf.ts reads, and only the fields that it reads right. */
declare module 'elfy' {
  interface Section {
    readonly name: string;
    /** A name for the types elfy knows, else the number. */
    readonly type: string | number;
    /** A key for each flag that is set: its name, else its value. */
    readonly flags: Readonly<Record<string, true>>;
    readonly addr: number;
    readonly off: number;
    readonly size: number;
  }
  interface Elf {
    readonly body: { readonly sections: readonly Section[] };
  }
  const elfy: { parse(bytes: Buffer): Elf };
  export default elfy;
}
