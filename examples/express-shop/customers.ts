/** The shop's customers. A real service reads them from its database. */
export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly plan: 'free' | 'premium' | 'pro' | 'enterprise';
  readonly country: string;
  readonly beta?: boolean;
  readonly company?: { readonly name: string; readonly employees: number };
}

const customers: readonly Customer[] = [
  { id: 'user_123', email: 'una@example.com', plan: 'free', country: 'DE' },
  { id: 'user-1', email: 'first@example.com', plan: 'free', country: 'FR' },
  { id: 'user-2', email: 'second@example.com', plan: 'premium', country: 'US' },
  { id: 'ana', email: 'ana@company.com', plan: 'free', country: 'PT' },
  { id: 'bo', email: 'bo@example.com', plan: 'pro', country: 'CA' },
  { id: 'bea', email: 'bea@example.com', plan: 'free', country: 'US', beta: true },
  {
    id: 'erin',
    email: 'erin@bigcorp.example',
    plan: 'enterprise',
    country: 'US',
    company: { name: 'BigCorp', employees: 250 },
  },
];

/** The customer with this id; whoever isn't known is a guest of the free plan. */
export function findCustomer(id: string): Customer {
  return (
    customers.find((customer) => customer.id === id) ?? {
      id,
      email: `${id}@guest.example`,
      plan: 'free',
      country: 'US',
    }
  );
}
