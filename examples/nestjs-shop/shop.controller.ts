import { Controller, Get, Post } from '@nestjs/common';
import { Flag, Flags, KillSwitch, RequireFlag, type RequestFlags } from 'halyard/nestjs';

const products = [
  { id: 'tea', name: 'Green tea', price: 4.5 },
  { id: 'mug', name: 'Blue mug', price: 9 },
];

/** What customers see. It knows keys of flags, and nothing about where these come from. */
@Controller()
export class ShopController {
  @Get('products')
  products(@Flag('button-color', 'blue') button: string) {
    return { button, products };
  }

  @Get('checkout')
  checkout(@Flag('new-checkout', false) isNew: boolean) {
    return { flow: isNew ? 'new' : 'classic' };
  }

  @Post('pay')
  @KillSwitch('payments')
  pay() {
    return { paid: true };
  }

  @Get('recommendations')
  @KillSwitch('recommendations', { fallback: () => ({ by: 'bestsellers', products: products.slice(0, 1) }) })
  recommendations() {
    return { by: 'model', products };
  }

  @Get('beta')
  @RequireFlag('beta-dashboard')
  beta(@Flags() flags: RequestFlags) {
    return { welcome: flags.context.targetingKey };
  }
}
