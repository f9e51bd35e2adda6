/** What Vite makes of an import: a style sheet, or the address of a file. */
declare module "*.css";
declare module "*?url" {
  const url: string;
  export default url;
}
