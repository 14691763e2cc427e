import { untestedSidesReporter } from 'halyard/testing/node-reporter';

export default untestedSidesReporter({ failOnUntested: true, show: 'all' });
