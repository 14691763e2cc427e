/** A document that shows most of the format. */
export const exampleText: string = `version: 1
flags:
  new-checkout:
    description: New checkout flow
    kind: release            # release | experiment | operational | permission (default release)
    owner: payments-team
    ticket: PAY-1234
    created: 2026-11-01
    expires: 2027-03-01
    targets:
      on: [user_123, user_456]
    rules:
      - name: paying customers in North America
        when: { plan: [pro, enterprise], country: US }
        serve: on
      - name: staff
        when: { attribute: email, operator: glob, value: "*@company.com" }
        serve: on
      - when: { segment: beta-testers }
        serve: on
    rollout: 10

  button-color:
    kind: experiment
    variants: { control: blue, a: green, b: red }
    offVariant: control
    rollout: 20
    split: { control: 50, a: 25, b: 25 }

  payments: { kind: operational, owner: payments-team }

segments:
  beta-testers: { any: [{ beta: true }, { attribute: email, operator: in, value: [a@x.com] }] }
`;
