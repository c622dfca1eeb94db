/** Swagger UI's script, which the documentation of the API loads before its own. */
declare const SwaggerUIBundle: (options: Record<string, unknown>) => void;

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
