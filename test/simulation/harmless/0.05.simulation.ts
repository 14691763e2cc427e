import { describeHarmless } from './expect-harmless.js';

describeHarmless(0.05);
