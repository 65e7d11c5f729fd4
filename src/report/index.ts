export type { Curve } from './curve';
export { reportPage } from './page';
