import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';

/** The shop's customers. A real service reads them from its database. */
export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly beta?: boolean;
}

const customers: readonly Customer[] = [
  { id: 'ana', email: 'ana@company.com' },
  { id: 'bea', email: 'bea@example.com', beta: true },
  { id: 'bo', email: 'bo@example.com' },
];

/** A request behind `AuthGuard`. */
export type CustomerRequest = Request & { user?: Customer };

/** Stands for real authentication: believes the header. */
@Injectable()
export class AuthGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const request = execution.switchToHttp().getRequest<CustomerRequest>();
    const customer = customers.find(({ id }) => id === request.get('x-user'));
    if (customer !== undefined) request.user = customer;
    return true;
  }
}
