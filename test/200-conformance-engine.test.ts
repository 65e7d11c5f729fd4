import './support/engine-folder';
import { conformance } from './conformance/suite';

conformance('engine');
