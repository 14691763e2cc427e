/** The shop's customers. A real service reads them from its database. */
export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly plan: 'free' | 'premium' | 'pro';
}

const customers: readonly Customer[] = [
  { id: 'user_123', email: 'una@example.com', plan: 'free' },
  { id: 'user-1', email: 'first@example.com', plan: 'free' },
  { id: 'ana', email: 'ana@company.com', plan: 'free' },
  { id: 'bo', email: 'bo@example.com', plan: 'pro' },
];

/** The customer with this id; whoever isn't known is a guest of the free plan. */
export function findCustomer(id: string): Customer {
  return customers.find((customer) => customer.id === id) ?? { id, email: `${id}@guest.example`, plan: 'free' };
}
