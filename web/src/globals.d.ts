declare module "*.css" {
  const text: string;
  export default text;
}

declare module "papaparse" {
  interface Options {
    delimiter?: string;
    preview?: number;
    skipEmptyLines?: boolean;
    skipFirstNLines?: number;
  }
  const papaparse: {parse(text: string, options: Options): {data: string[][]}};
  export default papaparse;
}
