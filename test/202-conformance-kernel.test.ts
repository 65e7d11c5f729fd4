import t from 'tap';
import { conformance } from './conformance/suite';
import { lib } from './support/library';

const { kernel } = lib.probe();
if (kernel.usable) conformance('kernel');
else t.plan(0, `no kernel device to run on: ${kernel.error}`);
