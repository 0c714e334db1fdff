/** Test data: the bundler turns a text file into its content. */
declare module "*.txt" {
  const text: string;
  export default text;
}
