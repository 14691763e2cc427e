import { dayOf } from '../output/relative-time.js';

/** How long the flag of the example may live. */
const LIFETIME_MS = 90 * 86_400_000;

/**
 * A first flag document: one flag of each sort that people begin with, explained. `halyard check` has nothing to say about
 * it.
 *
 * @param schemaPath where the editor finds the schema, from the document's folder
 * @param now milliseconds since the epoch
 */
export const firstFlags = (schemaPath: string, now: number): string => `# yaml-language-server: $schema=${schemaPath}
# The flags of this service. Save a change, and the next request sees it.
version: 1 # of this format

flags:
  new-checkout: # the key: what the code asks for
    description: The redesigned checkout
    kind: release # or experiment, operational, permission
    owner: your-team # who answers for it
    created: ${dayOf(now)}
    expires: ${dayOf(now + LIFETIME_MS)} # when it should be gone; \`halyard check\` reminds you
    targets: # 1. single users first
      on: [user-1]
    rules: # 2. then the first rule that holds decides, alone
      - name: staff
        when: { segment: staff }
        serve: on
    rollout: 10 # 3. everyone else: 10 % get \`on\`, the others \`off\`

  beta-dashboard: # for some, for good
    description: The dashboard for those who asked for it
    kind: permission
    owner: your-team
    rules:
      - when: { beta: true }
        serve: on
    serve: off

  payments: # a kill switch: on until somebody switches it off
    description: Taking payments
    kind: operational
    owner: your-team

segments: # conditions with a name, for any rule
  staff: { attribute: email, operator: glob, value: "*@example.com" }
`;
